import type { SessionView } from '../host/generated/SessionView';

export const STEPS = ['explain', 'document', 'read', 'face', 'staff', 'done'] as const;

const STEP_OF: Record<SessionView['screen'], number> = {
  idle: -1,
  opening: -1,
  language: 0,
  notice: 0,
  declare: 0,
  choose_document: 1,
  access_key: 1,
  await_card: 2,
  reading: 2,
  verifying: 2,
  show_chip_data: 2,
  confirm_data: 2,
  face_capture: 3,
  face_compare: 4,
  decide: 4,
  sealing: 4,
  receipt: 5,
  wiping: 5,
};

/** Position in [`STEPS`]; negative before the first step. */
export function stepOf(screen: SessionView['screen']): number {
  return STEP_OF[screen];
}
