// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal: its input goes to one of the guest's consoles, the output of
 * all of them comes here. While the guest runs the terminal is in raw mode, and
 * is put back whichever way the process ends, SIGKILL apart.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "error.h"
#include "loop.h"
#include "terminal.h"

#define ESCAPE		('a' & 0x1f)

/* End in good order on these. */
static const int quit_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* And on these there is only time to put the terminal back. */
static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

static const struct terminal_user *user;
static struct termios cooked;
static bool interactive;
static bool raw;

static void input_ready(struct watch *watch);
static void resume_ready(struct watch *watch);
static void signal_ready(struct watch *watch);

static struct watch input_watch = { .fd = -1, .ready = input_ready };
static struct watch resume_watch = { .fd = -1, .ready = resume_ready };
static struct watch signal_watch = { .fd = -1, .ready = signal_ready };

/* Input on its way to the user. The main thread's alone. */
static u8 pending[1024];
static size_t nr_pending;

/* Whether terminal_resume_input() has to wake the main thread up. */
static bool input_waits;

static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;

/**
 * terminal_restore() - Put the terminal back as it was
 *
 * As often and from wherever it may be called, signal handlers included.
 */
void terminal_restore(void)
{
	if (__atomic_exchange_n(&raw, false, __ATOMIC_SEQ_CST))
		tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
}

static void fatal_signal(int number)
{
	terminal_restore();
	signal(number, SIG_DFL);
	raise(number);
}

static void set_raw(void)
{
	struct termios attr;

	if (tcgetattr(STDIN_FILENO, &cooked))
		return;

	attr = cooked;
	cfmakeraw(&attr);
	__atomic_store_n(&raw, true, __ATOMIC_SEQ_CST);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &attr))
		die_errno("cannot set the terminal to raw mode");
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = fatal_signal };
	sigset_t set;

	for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
		sigaction(fatal_signals[i], &action, NULL);

	/* For the main thread to read. vCPU threads inherit the mask. */
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	for (size_t i = 0; i < ARRAY_SIZE(quit_signals); i++)
		sigaddset(&set, quit_signals[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);

	signal_watch.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_watch.fd < 0)
		die_errno("signalfd");
	loop_watch(&signal_watch);
}

/**
 * terminal_init() - Look at the terminal before anything changes it
 */
void terminal_init(void)
{
	interactive = isatty(STDIN_FILENO);
	atexit(terminal_restore);
	signal(SIGPIPE, SIG_IGN);
}

/* Epoll takes neither files nor /dev/null: they need no waiting. */
static bool input_is_file(void)
{
	return lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0 && !isatty(STDIN_FILENO);
}

/*
 * Take out Ctrl-A and what follows it, on a terminal; other input is for the
 * guest as it is. Returns what is left.
 */
static size_t take_escapes(u8 *data, size_t size)
{
	static bool escaped;
	size_t left = 0;

	for (size_t i = 0; i < size; i++) {
		if (!escaped && data[i] == ESCAPE) {
			escaped = true;
			continue;
		}
		if (escaped && (data[i] == 'x' || data[i] == 'X'))
			loop_end(EXIT_QUIT);
		else if (!escaped || data[i] == ESCAPE)
			data[left++] = data[i];
		escaped = false;
	}
	return left;
}

/* Returns false when there is nothing more to come. */
static bool read_input(void)
{
	u8 excess[64], *to = pending + nr_pending;
	size_t room = sizeof(pending) - nr_pending;
	ssize_t n;

	/* Keys that end it count even if the guest does not listen. */
	if (!room)
		to = excess;

	n = read(STDIN_FILENO, to, room ?: sizeof(excess));
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (!n)
		return false;
	if (interactive)
		n = take_escapes(to, n);
	if (room)
		nr_pending += n;
	return true;
}

static void end_of_input(void)
{
	if (!input_is_file())
		loop_forget(&input_watch);
	input_watch.fd = -1;
}

/* Give the user what it has room for. Returns false if something is left. */
static bool give_pending(void)
{
	size_t n;

	do {
		__atomic_store_n(&input_waits, nr_pending != 0, __ATOMIC_SEQ_CST);
		n = min(user->room(), nr_pending);
		if (n) {
			user->input(pending, n);
			nr_pending -= n;
			memmove(pending, pending + n, nr_pending);
		}
	} while (n);
	return !nr_pending;
}

static void deliver(void)
{
	bool all_given = give_pending();

	if (input_watch.fd < 0)
		return;
	if (!input_is_file()) {
		/* A pipe can wait. A terminal is listened to in any case. */
		loop_pause(&input_watch, !all_given && !interactive);
		return;
	}
	while (all_given && input_watch.fd >= 0) {
		if (!read_input())
			end_of_input();
		all_given = give_pending();
	}
}

static void input_ready(struct watch *watch)
{
	if (!read_input())
		end_of_input();
	deliver();
}

static void resume_ready(struct watch *watch)
{
	eventfd_t count;

	eventfd_read(watch->fd, &count);
	deliver();
}

/**
 * terminal_resume_input() - The user of the terminal has room for input again
 *
 * From any thread.
 */
void terminal_resume_input(void)
{
	if (__atomic_exchange_n(&input_waits, false, __ATOMIC_SEQ_CST))
		eventfd_write(resume_watch.fd, 1);
}

static void signal_ready(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGWINCH)
			loop_end(EXIT_SIGNAL + info.ssi_signo);
		else if (user->resized)
			user->resized();
	}
}

/**
 * terminal_start() - From here on the guest has the terminal
 * @new_user: the device that gets the input
 *
 * Before vCPU threads are created.
 */
void terminal_start(const struct terminal_user *new_user)
{
	user = new_user;
	catch_signals();
	if (interactive)
		set_raw();

	resume_watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (resume_watch.fd < 0)
		die_errno("eventfd");
	loop_watch(&resume_watch);

	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		return;
	input_watch.fd = STDIN_FILENO;
	if (input_is_file())
		deliver();
	else
		loop_watch(&input_watch);
}

/**
 * terminal_output() - Show what a guest's console prints
 * @data: the characters
 * @size: how many
 */
void terminal_output(const void *data, size_t size)
{
	struct pollfd wait = { .fd = STDOUT_FILENO, .events = POLLOUT };

	pthread_mutex_lock(&output_lock);
	while (size) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n > 0) {
			data += n;
			size -= n;
		} else if (n < 0 && errno == EAGAIN) {
			/* Somebody else made the file description non-blocking. */
			poll(&wait, 1, -1);
		} else if (n >= 0 || errno != EINTR) {
			/* Nobody is there to read it. */
			break;
		}
	}
	pthread_mutex_unlock(&output_lock);
}

/**
 * terminal_size() - Find out the size of the window
 *
 * Return: its size in characters, 0 by 0 if it is not known.
 */
struct window_size terminal_size(void)
{
	struct winsize size = { };

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	return (struct window_size) { size.ws_col, size.ws_row };
}
