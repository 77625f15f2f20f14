/** How long the first drawing waits for what it is better with. */
const PATIENCE_MS = 250;

/** Waits for `work`, but never long: the page is then drawn without it and again when it is there. */
export async function soon(work: Promise<unknown>): Promise<void> {
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}
