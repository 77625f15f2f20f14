// Start, memory and idle cost of the kiosk's window beside a bare Tauri window, taken in turns. Release builds, a display of its own:
//   xvfb-run -a -s "-screen 0 1600x1000x24" dbus-run-session -- node benches/window.mjs KIOSK BARE
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [kiosk, bare] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 7);
const environment = { ...process.env, WEBKIT_DISABLE_DMABUF_RENDERER: '1', LIBGL_ALWAYS_SOFTWARE: '1', MADOGUCHI_LOG: 'info,madoguchi=debug', NO_COLOR: '1' };
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

// A start of every day: the round that warms the caches also installs, which happens once in a machine's life.
const data = mkdtempSync(join(tmpdir(), 'madoguchi-bench-'));

/** Starts a program and waits for the line that says its first screen is on the display. */
async function open(program, first) {
  const began = performance.now();
  const child = spawn(program, { env: { ...environment, MADOGUCHI_DATA_DIR: data }, stdio: ['ignore', 'ignore', 'pipe'] });
  let seen = '';
  const milliseconds = await new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => {
      seen += text;
      if (seen.includes(first)) resolve(performance.now() - began);
    });
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${seen}`)));
    setTimeout(() => reject(new Error(`${program}: no first screen in 20 s: ${seen}`)), 20_000).unref();
  });
  return { milliseconds, child, close: async () => {
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill();
    await ended;
  } };
}

/** A process and all below it. */
function family(root) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch { /* it ended meanwhile */ }
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

function proportionalMebibytes(pids) {
  return pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]), 0) / 1024;
}

function processorTicks(pids) {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}

async function idle(program, first) {
  const opened = await open(program, first);
  await pause(8_000);
  const pids = family(opened.child.pid);
  const before = processorTicks(pids);
  await pause(10_000);
  const percent = (processorTicks(pids) - before) / 10; // 100 ticks a second
  const mebibytes = proportionalMebibytes(pids);
  await opened.close();
  return { percent, mebibytes };
}

function line(title, ours, peer, unit, limit) {
  console.log(`| ${title} | ${ours.toFixed(1)} ${unit} | ${peer.toFixed(1)} ${unit} | ${peer > 0 ? (ours / peer).toFixed(2) : '–'} | ${limit} |`);
}

const ours = [];
const peers = [];
for (let round = 0; round <= rounds; round++) {
  for (const [program, first, times] of [[kiosk, 'painted', ours], [bare, 'painted', peers]]) {
    const opened = await open(program, first);
    await pause(300);
    await opened.close();
    if (round > 0) times.push(opened.milliseconds); // the first round warms the caches
  }
}
const [kioskIdle, bareIdle] = [await idle(kiosk, 'painted'), await idle(bare, 'painted')];
console.log(`| window (median of ${rounds}) | kiosk | bare Tauri window | ratio | limit |\n|---|---|---|---|---|`);
line('start to first screen', median(ours), median(peers), 'ms', '500 ms');
line('memory, all processes (PSS), idle', kioskIdle.mebibytes, bareIdle.mebibytes, 'MiB', '280 MiB');
line('processor, idle', kioskIdle.percent, bareIdle.percent, '%', '1 %');
rmSync(data, { recursive: true, force: true });
