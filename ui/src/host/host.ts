import type { Role } from './generated/Role';
import type { SessionView } from './generated/SessionView';
import type { UserIntent } from './generated/UserIntent';

/** Which window this page is: one role, or both side by side for the tester. */
export type Surface = 'customer' | 'teller' | 'qa';

export interface Snapshot {
  view: SessionView;
  /** Opens the camera preview of this surface until the next snapshot. */
  preview_token: string;
  /** Test cards of the virtual reader; `null` in a production build. */
  profiles: string[] | null;
}

/** Everything the page needs from the machine it runs on. */
export interface Host {
  readonly surface: Surface;
  snapshot(role: Role): Promise<Snapshot>;
  intend(role: Role, intent: UserIntent): Promise<void>;
  /** A new screen stands on the display. */
  painted(role: Role): Promise<void>;
  onView(listener: (role: Role, view: SessionView) => void): Promise<() => void>;
  /** Address of one preview picture, newer than the last one asked for by this surface. */
  previewUrl(token: string, role: Role, sequence: number): string;
  insertCard(profile: string): Promise<void>;
  removeCard(): Promise<void>;
}
