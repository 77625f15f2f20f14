/** Our own line drawings on a 24 × 24 grid: stroke 1.75, round ends. Always shown with a word. */
export const paths = {
  explain: 'M4 5h16v11H11l-4 4v-4H4z M8 9h8 M8 12h5',
  document: 'M6 3h12v18H6z M9 17h6 M12 7a3 3 0 1 0 0 6a3 3 0 1 0 0-6',
  read: 'M5 13h14v7H5z M9 16.5h6 M9 9.5a4.2 4.2 0 0 1 6 0 M6.5 7a7.8 7.8 0 0 1 11 0',
  face: 'M4 8V5a1 1 0 0 1 1-1h3 M16 4h3a1 1 0 0 1 1 1v3 M20 16v3a1 1 0 0 1-1 1h-3 M8 20H5a1 1 0 0 1-1-1v-3 M9 10v.5 M15 10v.5 M9 14.5a4.2 4.2 0 0 0 6 0',
  staff: 'M12 4a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7 M5 20v-1.5a5 5 0 0 1 5-5h4a5 5 0 0 1 5 5V20z',
  done: 'M4 12.5l5.5 5.5L20 6.5',
  ok: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18 M8 12.2l2.8 2.8L16 9.5',
  warn: 'M12 4L2.8 20h18.4z M12 10v4.5 M12 17.3v.2',
  bad: 'M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3z M9 9l6 6 M15 9l-6 6',
  pending: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18 M8 12h8',
  info: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18 M12 11v5.5 M12 7.6v.2',
  stop: 'M6 6l12 12 M18 6L6 18',
  back: 'M14.5 5l-7 7l7 7',
  next: 'M9.5 5l7 7l-7 7',
  globe: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18 M3 12h18 M12 3c3 3 3.6 6 3.6 9s-.6 6-3.6 9c-3-3-3.6-6-3.6-9s.6-6 3.6-9',
  textSize: 'M3 19l4.5-12L12 19 M4.6 15h5.8 M13 19l3.2-8.5L19.5 19 M14.2 16.2h4.1',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4z M12 10.2a3.2 3.2 0 1 0 0 6.4a3.2 3.2 0 1 0 0-6.4',
  seal: 'M6 11h12v9H6z M8.5 11V8a3.5 3.5 0 0 1 7 0v3 M12 14.5v2.5',
  clock: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18 M12 7.5V12l3 2',
  key: 'M8 8.5a4 4 0 1 0 0 8a4 4 0 1 0 0-8 M12 12.5h9 M18 12.5v3 M15 12.5v2.2',
  show: 'M2.5 12S6 5.5 12 5.5S21.5 12 21.5 12S18 18.5 12 18.5S2.5 12 2.5 12z M12 9.3a2.7 2.7 0 1 0 0 5.4a2.7 2.7 0 1 0 0-5.4',
  hide: 'M3 3l18 18 M5.5 7.5A15 15 0 0 0 2.5 12S6 18.5 12 18.5c1.7 0 3.2-.5 4.4-1.2 M9.5 5.8A8 8 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a15 15 0 0 1-2.2 3',
  erase: 'M9 6h11v12H9l-6-6z M12.5 9.5l5 5 M17.5 9.5l-5 5',
  send: 'M12 20V5 M6 11l6-6l6 6',
  question: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18 M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8 M12 16.6v.2',
} as const;

export type IconName = keyof typeof paths;

/** A verdict is never told by colour alone. */
export const levelIcons = { green: 'ok', amber: 'warn', red: 'bad' } as const satisfies Record<string, IconName>;
