/** What `work` answers, which reads or writes what browsers keep; null where the browser refuses to keep anything. */
export function stored(work) {
  try {
    return work();
  } catch {
    return null;
  }
}
