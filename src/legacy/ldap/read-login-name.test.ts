import { describe, expect, it } from 'vitest';
import { readLoginName } from './read-login-name.ts';
import type { ActiveDirectorySettings, SimpleBindSettings } from './settings.ts';

const openLdap: SimpleBindSettings = {
  family: 'ldap',
  method: 'M13',
  urls: ['ldaps://ldap.test'],
  base: 'dc=test',
  filter: '(|(uid={login})(mail={login}))',
  bindDn: 'uid={login},dc=test',
};

const windows: ActiveDirectorySettings = {
  family: 'ldap',
  method: 'M14',
  urls: ['ldaps://dc.test'],
  base: 'dc=test',
  domain: 'CORP',
  upnSuffixes: ['corp.test', 'staff.test'],
};

const person = (condition: string): string => `(&(objectCategory=person)(objectClass=user)${condition})`;

describe('readLoginName', () => {
  it.each([
    ['anna', '(|(uid=anna)(mail=anna))', 'uid=anna,dc=test'],
    ['  zoe\u0308 ', '(|(uid=zoë)(mail=zoë))', 'uid=zoë,dc=test'],
    ['*)(uid=*', '(|(uid=\\2a\\29\\28uid=\\2a)(mail=\\2a\\29\\28uid=\\2a))', 'uid=*)(uid\\=*,dc=test'],
    ['$&', '(|(uid=$&)(mail=$&))', 'uid=$&,dc=test'],
    [
      'a,b+c="d"\\;<>#',
      '(|(uid=a,b+c="d"\\5c;<>#)(mail=a,b+c="d"\\5c;<>#))',
      'uid=a\\,b\\+c\\=\\"d\\"\\\\\\;\\<\\>\\#,dc=test',
    ],
  ])('M13: %j', (typed, filter, bindName) => {
    expect(readLoginName(openLdap, typed)).toEqual({ filter, bindName });
  });

  it.each([
    ['anna', '(sAMAccountName=anna)', 'CORP\\anna'],
    ['corp\\Anna', '(sAMAccountName=Anna)', 'CORP\\Anna'],
    ['anna@STAFF.test', '(|(userPrincipalName=anna@STAFF.test))', 'anna@STAFF.test'],
    ['a)(b@corp.test', '(|(userPrincipalName=a\\29\\28b@corp.test))', 'a)(b@corp.test'],
  ])('M14: %j', (typed, condition, bindName) => {
    expect(readLoginName(windows, typed)).toEqual({ filter: person(condition), bindName });
  });

  it('M14: an e-mail address only where configuration says so, and never to bind with', () => {
    expect(readLoginName(windows, 'anna@mail.test')).toBeUndefined();
    expect(readLoginName({ ...windows, mailSignIn: true }, 'anna@mail.test')).toEqual({
      filter: person('(|(mail=anna@mail.test))'),
      bindName: undefined,
    });
  });

  it.each(['', ' ', 'a\u0000', 'a\nb', 'a'.repeat(257)])('nobody is called %j', (typed) => {
    expect(readLoginName(openLdap, typed)).toBeUndefined();
    expect(readLoginName(windows, typed)).toBeUndefined();
  });

  it.each(['OTHER\\anna', '\\anna', 'CORP\\', 'CORP\\a\\b', '@corp.test', 'a*', 'a/b', 'anna@corp.test.evil'])(
    'M14: nobody is called %j',
    (typed) => {
      expect(readLoginName(windows, typed)).toBeUndefined();
    },
  );
});
