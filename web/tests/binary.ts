// Starts the real binary on a temporary data folder and stops it again.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const BINARY = process.env.TEST_BINARY ?? join(import.meta.dirname, "../../target/debug/naryad");
const START_MS_MAX = 30_000;
const STOP_MS_MAX = 10_000;

export interface Running {
  /** Ends with a slash. */
  url: string;
  /** The set-up link's secret, which the console prints while there is nobody. */
  setUpToken: string;
  /** Calls the command line for this desk while it runs; answers what it printed. */
  command: (...args: string[]) => Promise<string>;
  stop: () => Promise<void>;
}

export async function start(): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "naryad-browser-"));
  const port = await freePort();
  const child = spawn(BINARY, ["serve", "--dir", folder, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
  const printed = gather(child);
  const url = `http://127.0.0.1:${port}/`;
  const stop = async () => {
    await stopped(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(url, child, printed);
    const link = await until(() => /setup#([\w-]+)/.exec(printed.text)?.[1], () => `no set-up link in:\n${printed.text}`);
    const command = async (...args: string[]) => (await promisify(execFile)(BINARY, [...args, "--dir", folder])).stdout;
    return { url, setUpToken: link, command, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function gather(child: ChildProcess): { text: string } {
  const printed = { text: "" };
  child.on("error", (error) => (printed.text += String(error)));
  child.stdout?.on("data", (chunk: Buffer) => (printed.text += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (printed.text += chunk.toString()));
  return printed;
}

async function untilReady(url: string, child: ChildProcess, printed: { text: string }) {
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`the binary ended with ${child.exitCode}:\n${printed.text}`);
      const answer = await fetch(`${url}readyz`).catch(() => null);
      return answer?.ok || undefined;
    },
    () => `not ready within ${START_MS_MAX} ms:\n${printed.text}`,
  );
}

async function until<T>(ask: () => T | undefined | Promise<T | undefined>, complaint: () => string): Promise<T> {
  const last = Date.now() + START_MS_MAX;
  while (Date.now() < last) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(complaint());
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}
