/** What a surface keeps over a reload of its page beside what the core knows: how it is shown, never what. */
export function kept<T extends string>(name: string, allowed: readonly T[]): T | null {
  const value = sessionStorage.getItem(name);
  return allowed.find((one) => one === value) ?? null;
}

export function keep(name: string, value: string): void {
  sessionStorage.setItem(name, value);
}
