#include "limit.h"

#include <sys/resource.h>
#include <unistd.h>

static double of_process(int pid) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = 0;
  const char *fields = strrchr(line, ')');
  unsigned long user = 0, system = 0;
  if (!fields || sscanf(fields + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) return 0;
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

struct process_use process_use_now(void) {
  struct process_use use = {0};
  struct rusage own;
  getrusage(RUSAGE_SELF, &own);
  use.own = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec)
      + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
  for (int i = 0; i < options.processes; i++) use.others[i] = of_process(options.pids[i]);
  return use;
}

static int by_value(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return (a > b) - (a < b);
}

static double percentile(const uint32_t *sorted, size_t count, double percent) {
  if (!count) return 0;
  size_t place = (size_t)((double)count * percent / 100);
  return sorted[place < count ? place : count - 1] / 1000.0;
}

void report_write(
    uint32_t *microseconds, size_t count, double seconds, const struct process_use *before,
    const struct process_use *after) {
  size_t kept = count < limit_samples ? count : limit_samples;
  qsort(microseconds, kept, sizeof *microseconds, by_value);
  FILE *file = options.json ? fopen(options.json, "w") : stdout;
  if (!file) limit_fail("this cannot be written", options.json);
  double thousands = (double)count / 1000;
  fprintf(
      file,
      "{\"inFlight\":%d,\"rate\":%.1f,\"lanes\":%d,\"conversations\":%d,\"seconds\":%.3f,\"messages\":%zu,\"perSecond\":%.1f,"
      "\"endToEnd\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f},"
      "\"cpuPer1000\":{\"limit\":%.5f",
      options.window, options.rate, options.lanes, options.conversations, seconds, count, (double)count / seconds,
      percentile(microseconds, kept, 50), percentile(microseconds, kept, 90), percentile(microseconds, kept, 99),
      percentile(microseconds, kept, 99.9), percentile(microseconds, kept, 100),
      (after->own - before->own) / thousands);
  for (int i = 0; i < options.processes; i++) {
    fprintf(file, ",\"%s\":%.5f", options.names[i], (after->others[i] - before->others[i]) / thousands);
  }
  fprintf(file, "}}\n");
  if (file != stdout) fclose(file);
}
