import { convertFileSrc, invoke, isTauri } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';
import type { Role } from './generated/Role';
import type { SessionView } from './generated/SessionView';
import type { Host, Snapshot, Surface } from './host';

export const inTauri = isTauri;

/** The real window. This is the only file that knows Tauri. */
export function tauriHost(): Host {
  const label = getCurrentWindow().label;
  const surface: Surface = label === 'customer' || label === 'teller' ? label : 'qa';
  return {
    surface,
    snapshot: (role) => invoke<Snapshot>('snapshot', { role }),
    intend: (role, intent) => invoke('intend', { role, intent }),
    painted: (role) => invoke('painted', { role }),
    onView: (listener) => listen<{ role: Role; view: SessionView }>('view', ({ payload }) => listener(payload.role, payload.view)),
    previewUrl: (token, role, sequence) => convertFileSrc(`${token}/${role}/${sequence}`, 'preview'),
    insertCard: (profile) => invoke('qa_insert_card', { profile }),
    removeCard: () => invoke('qa_remove_card'),
  };
}
