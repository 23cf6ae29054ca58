import type { LocalName, Problem } from '../../service.ts';
import { type Check, problem } from './check.ts';

// Names reach pages, mail, logs and the staff's screens: markup, line breaks and other control characters, invisible
// characters and those that turn the direction of writing have no place in them (K10, X15).
const UNSAFE = /[<>\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

export const checkPlainText: Check = (draft, { submission }) => [
  ...unsafe('name', draft.name),
  ...unsafe('department.name', submission.department.name),
];

function unsafe(field: string, name: LocalName | undefined): readonly Problem[] {
  return Object.entries(name ?? {})
    .filter(([, text]) => UNSAFE.test(String(text ?? '')))
    .map(([language]) =>
      problem(`${field}.${language}`, 'unsafe_text', 'Use plain text: no markup, line breaks or invisible characters.'),
    );
}
