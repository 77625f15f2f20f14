import { getContext, setContext } from 'svelte';
import type { Language } from '../host/generated/Language';
import { en } from './en';
import { ja, type Catalog } from './ja';
import { vi } from './vi';

export const catalogs: Record<Language, Catalog> = { ja, en, vi };
export const languageNames: Record<Language, string> = { ja: '日本語', en: 'English', vi: 'Tiếng Việt' };
export const languages = Object.keys(catalogs) as Language[];

export interface Texts {
  readonly language: Language;
  readonly t: Catalog;
}

const KEY = Symbol('texts');

/** Gives the components below a catalog that follows `language()`; each surface has its own. */
export function provideTexts(language: () => Language): Texts {
  const texts: Texts = {
    get language() {
      return language();
    },
    get t() {
      return catalogs[language()];
    },
  };
  return setContext(KEY, texts);
}

export function useTexts(): Texts {
  return getContext<Texts>(KEY);
}

/** A text whose key comes from the core: `undefined` when the catalog has no such key. */
export function textOf(group: object, key: string): string | undefined {
  const value: unknown = Object.hasOwn(group, key) ? group[key as keyof typeof group] : undefined;
  return typeof value === 'string' ? value : undefined;
}
