// The smart-card service with its virtual reader, and cards served to it by kioskctl.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { binary } from './counter.mjs';

const kioskctl = join(dirname(binary), process.platform === 'win32' ? 'kioskctl.exe' : 'kioskctl');

/** Something listens on the reader's second slot; connecting to the first would look like a card. */
function listens() {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: 35964 });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

async function until(what, check, milliseconds) {
  const end = Date.now() + milliseconds;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
}

/** One smart-card service at a time on a machine: the lock is that of tests/support/pcscd.rs. */
export class Pcscd {
  static async start() {
    const child = spawn('flock', ['--no-fork', '--wait', '120', join(tmpdir(), 'pcscd.lock'), '/usr/sbin/pcscd', '--foreground', '--error'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const pcscd = new Pcscd(child);
    await until('the virtual reader listens (apt-get install pcscd vsmartcard-vpcd)', listens, 130_000);
    return pcscd;
  }

  constructor(child) {
    this.child = child;
  }

  async stop() {
    this.child.kill();
    await ended(this.child);
  }
}

/** A card lying in the reader until it is taken, or until its own fault lifts it. */
export class ServedCard {
  constructor(profile) {
    this.child = spawn(kioskctl, ['card', 'serve', '--profile', profile], { stdio: ['ignore', 'ignore', 'ignore'] });
  }

  /** Waits until a scripted fault has lifted the card. */
  lifted() {
    return ended(this.child);
  }

  async take() {
    this.child.kill('SIGINT');
    await ended(this.child);
  }
}
