// Preloaded before libfaketime, which moves every timer that names a point in time by the step of the time of day, also
// timers of clocks that only run forward. A real step leaves those alone, so here they go to the kernel as they are.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "real_timers.h"

enum { known = 65536 };
// Whether a descriptor is a timer of the time of day. Written when the timer is made, before anybody else has its number.
static char follows_time_of_day[known];

int timerfd_create(clockid_t clock, int flags) {
    int fd = (int)syscall(SYS_timerfd_create, clock, flags);
    if (fd >= 0 && fd < known) follows_time_of_day[fd] = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
    return fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value) {
    if (fd >= 0 && fd < known && follows_time_of_day[fd]) {
        int (*next)(int, int, const struct itimerspec *, struct itimerspec *) = dlsym(RTLD_NEXT, "timerfd_settime");
        if (next) return next(fd, flags, new_value, old_value);
    }
    return (int)syscall(SYS_timerfd_settime, fd, flags, new_value, old_value);
}
