export interface DemoPerson {
  readonly source: 'rent-portal' | 'student-loans' | 'farm-register';
  /** As the person types it at the old service. */
  readonly login: string;
  readonly password: string;
  readonly name: string;
  /** What there is to see with this person. */
  readonly remark: string;
}

/** People who do not exist, in the exports beside this file. Their passwords are known on purpose. */
export const demoPeople: readonly DemoPerson[] = [
  {
    source: 'rent-portal',
    login: 'amina.khan',
    password: 'blue kettle on the stove',
    name: 'Amina Khan',
    remark: 'brings an old account along; the rent service sees the number it always knew',
  },
  {
    source: 'rent-portal',
    login: 'rhys.price',
    password: 'sunshine1',
    name: 'Rhys Price',
    remark: 'has an old password that is weak today: it is let in, and a better one is asked for',
  },
  {
    source: 'rent-portal',
    login: 'mary.oneill',
    password: 'seven grey geese flying',
    name: "Mary O'Neill",
    remark: 'closed in the old system: the answer is that of a wrong password',
  },
  {
    source: 'student-loans',
    login: '104 2233 4455',
    password: 'library card renewed',
    name: 'Tomos Evans',
    remark: 'types a reference number with spaces',
  },
  {
    source: 'student-loans',
    login: '10677889900',
    password: 'my first year in Bangor',
    name: 'Zoë Clarke',
    remark: 'a second person of the loans system',
  },
  {
    source: 'farm-register',
    login: 'cy-004711',
    password: 'gate shut, dog inside',
    name: 'Gwen Morgan',
    remark: 'comes from a system whose ids no service used: the service sees a new id',
  },
];
