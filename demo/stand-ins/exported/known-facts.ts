import { createHash } from 'node:crypto';
import { EXPORTED_ON as exportedOn, type ExportedSource } from './exported-source.ts';

const family = 'knowledge';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** M25 to M30: what anna knows. */
export const knownFacts: readonly ExportedSource[] = [
  {
    method: 'M25',
    adapter: {
      family,
      method: 'M25',
      alongside: 'password',
      held: { as: 'text', column: 'word' },
      shortest: 8,
      asked: 3,
      tries: 10,
      positionsSecret: 'positions-key',
      exportedOn,
    },
    login: 'anna',
    extras: { word: 'Llanfairpwll' },
    tell: 'Her memorable word is Llanfairpwll.',
  },
  {
    method: 'M26',
    adapter: {
      family,
      method: 'M26',
      alongside: 'password',
      pin: {
        held: { as: 'digest', column: 'pin', algorithm: 'sha256', input: '{salt}{secret}', saltColumn: 'salt' },
        digits: { least: 4, most: 8 },
        tries: 5,
        use: 'lasting',
      },
      exportedOn,
    },
    login: 'anna',
    extras: { pin: sha256('NaCl246810'), salt: 'NaCl' },
    tell: 'The PIN in her letter is 246810.',
  },
  {
    method: 'M27',
    adapter: {
      family,
      method: 'M27',
      questions: [
        {
          ask: { en: 'In which town were you born?', cy: 'Ym mha dref y cawsoch eich geni?' },
          held: { as: 'digest', column: 'answer1', algorithm: 'sha256' },
        },
        {
          ask: { en: 'What was your first school?', cy: 'Beth oedd eich ysgol gyntaf?' },
          held: { as: 'text', column: 'answer2' },
        },
      ],
      asked: 2,
      right: 2,
      tries: 10,
      normalise: ['drop-accents', 'drop-punctuation', 'drop-spaces', 'lower-case'],
      positionsSecret: 'positions-key',
      exportedOn,
    },
    login: 'anna',
    extras: { answer1: sha256('stdavids'), answer2: 'Ysgol Gyfun Gŵyr' },
    tell: 'She was born in St David’s; her first school was Ysgol Gyfun Gŵyr.',
  },
  {
    method: 'M28',
    adapter: {
      family,
      method: 'M28',
      facts: [{ fact: 'birth-date' }],
      checkDigit: { scheme: 'weights', weights: [10, 9, 8, 7, 6, 5, 4, 3, 2], map: '0-987654321', at: 'last' },
      exportedOn,
    },
    login: '9434765919',
    birthDate: '1984-02-29',
    extras: {},
    tell: 'Her reference is 943 476 5919; she was born on 29 February 1984.',
  },
  {
    method: 'M29',
    adapter: { family, method: 'M29', facts: [{ fact: 'nino' }, { fact: 'postcode' }], exportedOn },
    login: 'PRYDD852294A99AB',
    postcode: 'SA48 8AA',
    extras: { nino: 'AB123456C' },
    tell: 'Driver number PRYDD 852294 A99AB, National Insurance number AB 12 34 56 C, postcode SA48 8AA.',
  },
  {
    method: 'M30',
    adapter: {
      family,
      method: 'M30',
      documents: ['residence-permit'],
      facts: [{ fact: 'birth-date' }, { fact: 'nationality' }],
      expiresColumn: 'expires',
      graceDays: 90,
      nationalities: [['IRL', 'Irish', 'Gwyddelig']],
      exportedOn,
    },
    login: 'ZU1234567',
    birthDate: '1984-02-29',
    extras: { nationality: 'IRL', expires: '2035-06-30' },
    tell: 'Permit ZU1234567; she was born on 29 February 1984 and is Irish.',
  },
];
