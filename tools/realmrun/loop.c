// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the main thread does while the vCPUs run: wait for input, for guests
 * that notify devices, for signals, and for somebody to say that it is over.
 */

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "error.h"
#include "loop.h"

static int epoll_fd = -1;
static struct watch end_watch = { .fd = -1 };

/* The first one to end it says with which status. */
static pthread_mutex_t end_lock = PTHREAD_MUTEX_INITIALIZER;
static bool ended;
static int end_status;

void loop_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		die_errno("epoll_create1");

	end_watch.fd = eventfd(0, EFD_CLOEXEC);
	if (end_watch.fd < 0)
		die_errno("eventfd");
	loop_watch(&end_watch);
}

/**
 * loop_watch() - Wait for a file descriptor
 * @watch: what to wait for; stays as long as it is watched
 */
void loop_watch(struct watch *watch)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

	/* A file or /dev/null cannot be waited for: see terminal.c */
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watch->fd, &event))
		die_errno("epoll_ctl: add fd %d", watch->fd);
}

/**
 * loop_forget() - Do not wait for a file descriptor any more
 * @watch: what was waited for
 */
void loop_forget(struct watch *watch)
{
	if (epoll_ctl(epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL))
		die_errno("epoll_ctl: remove fd %d", watch->fd);
}

/**
 * loop_pause() - Stop waiting for a file descriptor for a while
 * @watch: what is waited for
 * @pause: stop, or go on again
 *
 * From any thread.
 */
void loop_pause(struct watch *watch, bool pause)
{
	struct epoll_event event = { .events = pause ? 0 : EPOLLIN, .data.ptr = watch };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, watch->fd, &event))
		die_errno("epoll_ctl: change fd %d", watch->fd);
}

/**
 * loop_run() - Serve all that is waited for, until loop_end()
 *
 * Return: the exit status for the process.
 */
int loop_run(void)
{
	struct epoll_event events[16];
	struct watch *watch;
	int n;

	for (;;) {
		n = epoll_wait(epoll_fd, events, ARRAY_SIZE(events), -1);
		if (n < 0 && errno != EINTR)
			die_errno("epoll_wait");

		for (int i = 0; i < n; i++) {
			watch = events[i].data.ptr;
			if (watch == &end_watch)
				return end_status;
			watch->ready(watch);
		}
	}
}

/**
 * loop_end() - Let the main thread end all this
 * @status: exit status of the process; that of the first call counts
 *
 * From any thread.
 */
void loop_end(int status)
{
	pthread_mutex_lock(&end_lock);
	if (!ended) {
		ended = true;
		end_status = status;
		eventfd_write(end_watch.fd, 1);
	}
	pthread_mutex_unlock(&end_lock);
}
