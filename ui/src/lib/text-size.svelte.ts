export const TEXT_SIZES = ['normal', 'large', 'larger'] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

const PERCENT: Record<TextSize, string> = { normal: '100', large: '150', larger: '200' };

let chosen = $state<TextSize>('normal');

/** The size of all text on this page, an accommodation of the session: it goes back to normal when the next one starts. */
export const textSize = {
  get value(): TextSize {
    return chosen;
  },
  set value(size: TextSize) {
    chosen = size;
    document.documentElement.dataset['text'] = PERCENT[size];
  },
};
