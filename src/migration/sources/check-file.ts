import type { Problem, SourceDefinition } from './definition.ts';

type FileLayout = SourceDefinition['file'];

/** What is wrong with how a definition says its files are written. */
export const fileProblems = (file: FileLayout): readonly Problem[] => rules.flatMap((rule) => rule(file));

const CSV_ONLY = ['delimiter', 'quote', 'escape', 'header', 'trailingDelimiter'] as const;
const MAY_REPEAT: ReadonlySet<string> = new Set(['login', 'user', 'subject', 'email', 'phone']);

type Rule = (file: FileLayout) => readonly Problem[];

const rules: readonly Rule[] = [
  function dialectOfCsv(file) {
    if (file.format === 'csv') return [];
    return CSV_ONLY.filter((key) => file[key] !== undefined).map((key) => ({
      field: `file.${key}`,
      code: `${key === 'trailingDelimiter' ? 'trailing_delimiter' : key}_unused`,
      message: `Only a CSV file has "${key}".`,
    }));
  },
  function columnsByNumber({ header, columns, extras }) {
    const named = [
      ...Object.entries(columns).map(([role, name]) => [`file.columns.${role}`, name] as const),
      ...Object.entries(extras ?? {}).map(([extra, name]) => [`file.extras.${extra}`, name] as const),
    ];
    if (header === false)
      return named
        .filter(([, name]) => !/^[1-9]\d{0,3}$/.test(`${name}`))
        .map(([field]) => ({
          field,
          code: 'column_not_a_number',
          message: 'Without a header columns are named by their numbers, from 1.',
        }));
    return named
      .filter(([, name]) => typeof name === 'number')
      .map(([field]) => ({
        field,
        code: 'column_number_unused',
        message: 'Numbers name columns only with "header": false. Otherwise give the name that stands in the header.',
      }));
  },
  function columnsDiffer({ columns }) {
    const names = Object.entries(columns)
      .filter(([role]) => !MAY_REPEAT.has(role))
      .map(([, name]) => `${name}`);
    if (new Set(names).size === names.length) return [];
    const message =
      'Two columns have the same name. Only login, user, subject, email and phone may repeat another column.';
    return [{ field: 'file.columns', code: 'column_twice', message }];
  },
];
