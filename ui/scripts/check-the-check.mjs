// Proves that the type checks can fail: both tools must report the seeded errors of check-fixture/.
import { spawnSync } from 'node:child_process';

const cases = [
  ['tsc', ['--noEmit', '-p', 'check-fixture/tsconfig.json'], /seeded\.ts.*TS2322/],
  ['svelte-check', ['--workspace', 'check-fixture', '--tsconfig', './tsconfig.json', '--output', 'machine'], /Seeded\.svelte.*not assignable/],
];

for (const [tool, args, expected] of cases) {
  const run = spawnSync(`node_modules/.bin/${tool}`, args, { encoding: 'utf8' });
  const output = run.stdout + run.stderr;
  if (run.status === 0 || !expected.test(output)) {
    console.error(`${tool} did not report the seeded error (status ${run.status}):\n${output}`);
    process.exit(1);
  }
  console.log(`${tool} reports the seeded error`);
}
