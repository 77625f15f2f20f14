import { describe, expect, it } from 'vitest';
import { checkDigit, checkLine, cleanLine, isDate, lineIsRight } from '../src/lib/mrz';

// Doc 9303-4, appendix B: the example of Anna Maria Eriksson.
const LINE = 'L898902C36UTO7408122F1204159ZE184226B<<<<<10';

describe('check digits', () => {
  it('follow the worked examples of Doc 9303-3, appendix A', () => {
    expect(checkDigit('520727')).toBe('3');
    expect(checkDigit('AB2134<<<')).toBe('5');
    expect(checkDigit('HA672242<6YTO5802254M9601086<<<<<<<<<<<<<<')).toBeDefined();
    expect(checkDigit('a')).toBeUndefined();
  });

  it('are all right on the specimen', () => {
    expect(lineIsRight(LINE)).toBe(true);
    expect(checkLine(LINE).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });

  it('wait for what is not typed yet', () => {
    expect(checkLine(LINE.slice(0, 10)).map(({ state }) => state)).toEqual(['ok', 'waiting', 'waiting', 'waiting', 'waiting']);
  });

  it('notice every single changed digit of the number, the dates and the check digits', () => {
    for (const position of [...Array(10).keys(), 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27, 42, 43]) {
      const changed = [...LINE];
      changed[position] = changed[position] === '7' ? '2' : '7';
      expect(lineIsRight(changed.join('')), `position ${position}`).toBe(false);
    }
  });

  it('accept a filler for an empty personal number', () => {
    const empty = `${LINE.slice(0, 28)}<<<<<<<<<<<<<<<`;
    const composite = checkDigit(empty.slice(0, 10) + empty.slice(13, 20) + empty.slice(21, 43));
    expect(lineIsRight(empty + composite)).toBe(true);
  });
});

it('cleans what keyboards bring', () => {
  expect(cleanLine(' l898 902c«＜‹')).toBe('L898902C<<<');
  expect(cleanLine('A'.repeat(60))).toHaveLength(44);
});

it('knows dates that cannot be', () => {
  expect(isDate('740812')).toBe(true);
  expect(isDate('741312')).toBe(false);
  expect(isDate('7408')).toBe(false);
});
