/** Texts that the core owns, because records cite them: notices (product.md §14) and failure sentences. */
import type { Language } from '../host/generated/Language';

export interface NoticeText {
  kind: string;
  title: string;
  text: string;
}

interface NoticeFile {
  version: string;
  notices: Record<string, NoticeText>;
}

const noticeFiles = import.meta.glob<NoticeFile>('../../../crates/session/texts/notice.*.json', { eager: true, import: 'default' });
const failureFiles = import.meta.glob<Record<string, FailureText>>('../../../crates/session/texts/??.json', { eager: true, import: 'default' });

export function noticeText(language: Language, id: string): NoticeText | undefined {
  return noticeFiles[`../../../crates/session/texts/notice.${language}.json`]?.notices[id];
}

export interface FailureText {
  customer: string;
  staff: string;
}

/** The sentences of one failure by its name without parameter: `DG_HASH_MISMATCH(1)` is found under `DG_HASH_MISMATCH`. */
export function failureText(language: Language, name: string): FailureText | undefined {
  return failureFiles[`../../../crates/session/texts/${language}.json`]?.[name.replace(/\(.*$/, '')];
}

/** Fills `{name}` from `params`; an unknown name stays visible so that it is noticed. */
export function fill(text: string, params: { [key: string]: string | undefined }): string {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) => params[name] ?? whole);
}
