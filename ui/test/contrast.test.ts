import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const css = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');
const colours = new Map([...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name ?? '', value ?? '']));

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2.0, 1.4.6. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(colours.get(a) ?? ''), luminance(colours.get(b) ?? '')].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

const PAIRS: [string, string[]][] = [
  ['ink', ['paper', 'card', 'mist', 'amber-mist', 'indigo-mist']],
  ['ink-soft', ['paper', 'card', 'mist']],
  ['indigo', ['paper', 'card', 'indigo-mist']],
  ['indigo-deep', ['paper', 'card', 'indigo-mist']],
  ['on-indigo', ['indigo', 'indigo-deep']],
  ['green', ['card', 'paper', 'green-mist']],
  ['amber', ['card', 'paper', 'amber-mist']],
  ['red', ['card', 'paper', 'red-mist']],
];

it.each(PAIRS.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)))('%s on %s is at least 7:1', (text, ground) => {
  expect(contrast(text, ground)).toBeGreaterThanOrEqual(7);
});

it('the test mark is readable', () => {
  expect(contrast('card', 'qa')).toBeGreaterThanOrEqual(4.5);
});
