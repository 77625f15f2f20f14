/** Doc 9303-4, 4.2.2: the second line of a TD3 machine readable zone. */
export const LINE_LENGTH = 44;

const WEIGHTS = [7, 3, 1] as const;

function valueOf(character: string): number | undefined {
  if (character === '<') return 0;
  if (/^[0-9]$/.test(character)) return Number(character);
  if (/^[A-Z]$/.test(character)) return character.charCodeAt(0) - 55;
  return undefined;
}

/** Doc 9303-3, 4.9: weights 7, 3, 1, modulus 10. `undefined` when a character is not of the MRZ set. */
export function checkDigit(text: string): string | undefined {
  let sum = 0;
  for (const [index, character] of [...text].entries()) {
    const value = valueOf(character);
    if (value === undefined) return undefined;
    sum += value * (WEIGHTS[index % 3] ?? 0);
  }
  return String(sum % 10);
}

export type CheckName = 'documentNumber' | 'birth' | 'expiry' | 'personal' | 'composite';
export type CheckState = 'waiting' | 'ok' | 'wrong';

interface CheckedField {
  name: CheckName;
  parts: readonly (readonly [number, number])[];
  digit: number;
}

const CHECKED: readonly CheckedField[] = [
  { name: 'documentNumber', parts: [[0, 9]], digit: 9 },
  { name: 'birth', parts: [[13, 19]], digit: 19 },
  { name: 'expiry', parts: [[21, 27]], digit: 27 },
  { name: 'personal', parts: [[28, 42]], digit: 42 },
  { name: 'composite', parts: [[0, 10], [13, 20], [21, 43]], digit: 43 },
];

/** Cleans what a keyboard or a pasted text brings: upper case, MRZ characters only, one line. */
export function cleanLine(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[«＜‹]/g, '<')
    .replace(/[^A-Z0-9<]/g, '')
    .slice(0, LINE_LENGTH);
}

/** The state of every check digit of a line that is still being typed. */
export function checkLine(line: string): { name: CheckName; state: CheckState }[] {
  return CHECKED.map(({ name, parts, digit }) => {
    const given = line[digit];
    if (given === undefined) return { name, state: 'waiting' };
    const text = parts.map(([from, to]) => line.slice(from, to)).join('');
    // The personal number's digit may be a filler when the field is empty (Doc 9303-4, 4.2.2.2).
    const empty = name === 'personal' && given === '<' && /^<+$/.test(text);
    return { name, state: empty || checkDigit(text) === given ? 'ok' : 'wrong' };
  });
}

export function lineIsRight(line: string): boolean {
  return line.length === LINE_LENGTH && checkLine(line).every(({ state }) => state === 'ok');
}

export function isDate(text: string): boolean {
  const month = Number(text.slice(2, 4));
  const day = Number(text.slice(4, 6));
  return /^\d{6}$/.test(text) && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
