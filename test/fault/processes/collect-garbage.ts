/**
 * Loaded into a service by `node --import`: on SIGUSR2 it collects its garbage and logs what is left, so that memory is
 * measured on the service as it runs, and twice the same.
 */
const collect = (globalThis as { gc?: () => void }).gc!;

process.on('SIGUSR2', () => {
  collect();
  setImmediate(() => {
    collect();
    console.log(JSON.stringify({ msg: 'memory', ...process.memoryUsage() }));
  });
});
