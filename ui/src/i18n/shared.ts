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
const failureFiles = import.meta.glob<object>('../../../crates/session/texts/??.json', { eager: true, import: 'default' });

export function noticeText(language: Language, id: string): NoticeText | undefined {
  return noticeFiles[`../../../crates/session/texts/notice.${language}.json`]?.notices[id];
}

export interface FailureText {
  customer: string;
  staff: string | undefined;
}

/** The sentences of one failure by its name without parameter: `DG_HASH_MISMATCH(1)` is found under `DG_HASH_MISMATCH`. */
export function failureText(language: Language, name: string): FailureText | undefined {
  const file = failureFiles[`../../../crates/session/texts/${language}.json`];
  const entry = find(file, name.replace(/\(.*$/, ''));
  if (typeof entry === 'string') return { customer: entry, staff: undefined };
  if (!isRecord(entry)) return undefined;
  const customer = first(entry, ['customer', 'text', 'message', 'title']);
  return customer === undefined ? undefined : { customer, staff: first(entry, ['staff', 'remedy', 'teller', 'detail']) };
}

/** Fills `{name}` from `params`; an unknown name stays visible so that it is noticed. */
export function fill(text: string, params: { [key: string]: string | undefined }): string {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) => params[name] ?? whole);
}

function find(file: object | undefined, name: string): unknown {
  if (!isRecord(file)) return undefined;
  if (name in file) return file[name];
  const group = file['failures'] ?? file['failure'];
  return isRecord(group) ? group[name] : undefined;
}

function first(entry: Record<string, unknown>, keys: string[]): string | undefined {
  return keys.map((key) => entry[key]).find((value) => typeof value === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
