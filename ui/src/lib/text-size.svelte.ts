import { keep, kept } from './kept';

export const TEXT_SIZES = ['normal', 'large', 'larger'] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

const PERCENT: Record<TextSize, string> = { normal: '100', large: '150', larger: '200' };
const NAME = 'text-size';

let chosen = $state<TextSize>('normal');

/** The size of all text on this page, an accommodation of the session: it goes back to normal when the session ends. */
export const textSize = {
  get value(): TextSize {
    return chosen;
  },
  /** There is less room than content: what is not needed at every moment folds away. */
  get enlarged(): boolean {
    return chosen !== 'normal';
  },
  set value(size: TextSize) {
    chosen = size;
    document.documentElement.dataset['text'] = PERCENT[size];
    keep(NAME, size);
  },
};

/** Once, when the page opens. */
export function restoreTextSize(): void {
  textSize.value = kept(NAME, TEXT_SIZES) ?? 'normal';
}
