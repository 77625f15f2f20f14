/** A gate that opens `wait()` milliseconds after the screen appears. The core checks the time too; this only shows it. */
export function opensAfter(wait: () => number): { readonly open: boolean } {
  let open = $state(false);
  $effect(() => {
    const milliseconds = wait();
    // The effect only writes `open`: reading it here would start the wait again each time the gate opens.
    open = milliseconds === 0;
    if (milliseconds === 0) return;
    const timer = setTimeout(() => (open = true), milliseconds);
    return () => clearTimeout(timer);
  });
  return {
    get open() {
      return open;
    },
  };
}
