/** Many packet scripts on all cores: threads that each take the next script when they are done with one. */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Job, type JobResult, runJob } from './job.ts';

/** What a thread of ours is started with. */
const MARK = 'synwave run';
/** A thread takes longer to start than so many scripts take to run. */
const WORTHWHILE = 24;

/** Runs every job and hands each result over as it comes, in no order. */
export async function runJobs(jobs: readonly Job[], told: (index: number, result: JobResult) => void): Promise<void> {
  const threads = Math.min(availableParallelism(), Math.ceil(jobs.length / WORTHWHILE));
  if (threads < 2) {
    for (const [index, job] of jobs.entries()) told(index, runJob(job));
    return;
  }
  let next = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: MARK });
      const give = (): void => {
        const index = next++;
        const job = jobs[index];
        if (job === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage({ index, job });
      };
      worker.on('message', ({ index, result }: { index: number; result: JobResult }) => {
        told(index, result);
        give();
      });
      worker.on('error', reject);
      give();
    });
  await Promise.all(Array.from({ length: threads }, work));
}

/** In a thread that `runJobs` has started: serves it. Answers whether this is one. */
export function servesJobs(): boolean {
  if (isMainThread || workerData !== MARK) return false;
  parentPort?.on('message', ({ index, job }: { index: number; job: Job }) => {
    parentPort?.postMessage({ index, result: runJob(job) });
  });
  return true;
}
