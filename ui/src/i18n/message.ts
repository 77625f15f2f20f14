import type { Message } from '../host/generated/Message';
import type { Texts } from './index';
import { textOf } from './index';
import { failureText, fill } from './shared';

/** What a message of the core says on this surface: the sentence, and for staff what to do. */
export function messageText(texts: Texts, message: Message, staff: boolean): { sentence: string; next: string | undefined } {
  if (message.code) {
    const failure = failureText(texts.language, message.code.name);
    // Whom staff must tell is their business; a customer only ever asks staff.
    const theirs = message.code.remedy === 'call_operator' || message.code.remedy === 'staff_decides' ? 'call_staff' : message.code.remedy;
    const remedy = textOf(texts.t.remedy, staff ? message.code.remedy : theirs);
    const toStaff = staff && failure ? fill(failure.staff, message.params) : undefined;
    const looksLike = message.params.looks_like;
    const document = looksLike ? textOf(texts.t.document, looksLike) : undefined;
    if (document) return { sentence: texts.t.failure.looksLike(document), next: toStaff ?? texts.t.failure.chooseIt };
    return {
      sentence: fill(failure?.customer ?? texts.t.failure.generic, message.params),
      next: toStaff ?? remedy,
    };
  }
  const text = textOf(texts.t.hint, message.key);
  return { sentence: fill(text ?? texts.t.failure.generic, message.params), next: undefined };
}
