import { describe, expect, it } from 'vitest';
import { catalogs } from '../src/i18n';
import { failureText, fill, noticeText } from '../src/i18n/shared';

type Leaf = [string, string];

/** Every text of a catalog with its path; a function is called with recognisable arguments. */
function leaves(value: unknown, path = ''): Leaf[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String((value as (...args: unknown[]) => unknown)(3, 7))]];
  return Object.entries(value as object).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

const ja = new Map(leaves(catalogs.ja));

/** Equal in two languages on purpose. */
const SAME = new Set<string>([]);

describe.each(['en', 'vi'] as const)('catalog %s', (language) => {
  const other = new Map(leaves(catalogs[language]));

  it('has the same keys as the source', () => {
    expect([...other.keys()].sort()).toEqual([...ja.keys()].sort());
  });

  it('has no empty text and no untranslated copy', () => {
    for (const [path, text] of other) {
      expect(text.trim(), path).not.toBe('');
      if (!SAME.has(path)) expect(text, path).not.toBe(ja.get(path));
      expect(text, path).not.toMatch(/[぀-ヿ一-鿿]/);
    }
  });
});

it('en and vi do not copy each other', () => {
  const en = new Map(leaves(catalogs.en));
  const copies = leaves(catalogs.vi).filter(([path, text]) => en.get(path) === text);
  expect(copies).toEqual([]);
});

it('a Japanese sentence for customers keeps to 40 characters', () => {
  const long = [...ja].filter(([, text]) => text.split('。').some((sentence) => sentence.length > 40));
  expect(long).toEqual([]);
});

it('every notice exists in every language', () => {
  for (const id of ['C1', 'C2', 'C3', 'C4a', 'C4b', 'C5', 'C6', 'C7', 'C8', 'C10', 'C11', 'C12', 'C13', 'C17']) {
    const texts = (['ja', 'en', 'vi'] as const).map((language) => noticeText(language, id)?.text);
    expect(new Set(texts).size, id).toBe(3);
    expect(texts, id).not.toContain(undefined);
  }
});

it('an unknown placeholder stays visible', () => {
  expect(fill('{a} {b}', { a: '1' })).toBe('1 {b}');
});

it('a failure is found with and without its parameter', () => {
  for (const language of ['ja', 'en', 'vi'] as const) {
    const text = failureText(language, 'DG_HASH_MISMATCH(1)');
    expect(text?.customer.length, language).toBeGreaterThan(0);
    expect(text?.staff.length, language).toBeGreaterThan(0);
    expect(failureText(language, 'CARD_REMOVED')?.customer).toBeDefined();
  }
});
