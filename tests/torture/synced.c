/* Notes what is durable: whatever is synced below TORTURE_ROOT is copied to the same place below TORTURE_SHADOW.

   A file is copied as a whole when it is synced. A rename, link or removal counts once its directory is synced.
   Loaded in front of the C library (LD_PRELOAD); after a kill -9 the shadow is what a disk without power has. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOVED, LINKED, REMOVED };
struct change {
    int what;
    char *from, *to;
    struct change *next;
};

static struct change *first, *last;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int in_shadow(const char *path, char *out) {
    const char *root = getenv("TORTURE_ROOT"), *shadow = getenv("TORTURE_SHADOW");
    if (!root || !shadow || path[0] != '/' || strncmp(path, root, strlen(root)) != 0) return 0;
    return snprintf(out, PATH_MAX, "%s%s", shadow, path + strlen(root)) < PATH_MAX;
}

static void make_parents(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
}

static void copy(const char *from, char *to) {
    char beside[PATH_MAX + 16], buffer[65536];
    ssize_t got;
    make_parents(to);
    snprintf(beside, sizeof beside, "%s.copying", to);
    int in = open(from, O_RDONLY), out = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (in >= 0 && out >= 0 && (got = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, got) != got) abort();
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    if (in >= 0 && out >= 0) REAL(rename)(beside, to);
}

static void settle(const char *directory) {
    size_t length = strlen(directory);
    for (struct change *each = first; each; each = each->next) {
        const char *name = each->to ? each->to : each->from;
        char from[PATH_MAX], to[PATH_MAX];
        if (each->what < 0 || strncmp(name, directory, length) || strchr(name + length + 1, '/')) continue;
        in_shadow(each->from, from);
        if (each->to) {
            in_shadow(each->to, to);
            make_parents(to);
        }
        if (each->what == REMOVED) REAL(unlink)(from);
        else if (access(from, F_OK)) close(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600)); /* its bytes were never synced */
        else if (each->what == MOVED) REAL(rename)(from, to);
        else REAL(link)(from, to);
        each->what = -1;
    }
}

static void note(int what, const char *from, const char *to) {
    char ignored[PATH_MAX];
    if (!in_shadow(from, ignored)) return;
    struct change *made = calloc(1, sizeof *made);
    made->what = what;
    made->from = strdup(from);
    made->to = to ? strdup(to) : NULL;
    pthread_mutex_lock(&lock);
    if (last) last->next = made;
    else first = made;
    last = made;
    pthread_mutex_unlock(&lock);
}

static int synced(int fd, int result) {
    char link[64], path[PATH_MAX], to[PATH_MAX];
    struct stat its;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = result ? -1 : readlink(link, path, sizeof path - 1);
    if (length <= 0) return result;
    path[length] = 0;
    if (!in_shadow(path, to) || fstat(fd, &its)) return result;
    pthread_mutex_lock(&lock);
    if (S_ISDIR(its.st_mode)) settle(path);
    else if (S_ISREG(its.st_mode)) copy(path, to);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) { return synced(fd, REAL(fsync)(fd)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)(fd)); }

int rename(const char *from, const char *to) {
    int result = REAL(rename)(from, to);
    if (!result) note(MOVED, from, to);
    return result;
}

int link(const char *from, const char *to) {
    int result = REAL(link)(from, to);
    if (!result) note(LINKED, from, to);
    return result;
}

int unlink(const char *path) {
    int result = REAL(unlink)(path);
    if (!result) note(REMOVED, path, NULL);
    return result;
}
