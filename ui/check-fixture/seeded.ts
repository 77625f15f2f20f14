// A type error on purpose: scripts/check-the-check.mjs fails when nobody reports it.
export const seeded: number = 'not a number';
