/**
 * Whether a page offers to say "my details are right": once, after an attempt that was refused, at every service whose
 * people are being moved. For all names alike, whoever served them (A11).
 */
export const complaintOf = (known: {
  readonly refusal: string | undefined;
  readonly complained: boolean | undefined;
}): { readonly mayComplain: boolean; readonly hasComplained: boolean } => ({
  mayComplain: known.refusal !== undefined && known.complained !== true,
  hasComplained: known.complained === true,
});
