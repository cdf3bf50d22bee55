// SPDX-License-Identifier: GPL-2.0-only
/* In the place of KVM, the guest's memory, the terminal and the main loop. */

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "../ioevent.h"
#include "../irq.h"
#include "../loop.h"
#include "../map.h"
#include "../memory.h"
#include "../terminal.h"
#include "test.h"

char fake_output[4096];
size_t fake_output_size;
unsigned int fake_resumes;
unsigned int fake_rounds;
void (*fake_on_output)(void);
bool fake_levels[64];
char fake_ram[FAKE_RAM_SIZE];

static int irq_fds[64];

static struct {
	u64 gpa;
	u64 value;
	int fd;
	struct watch *watch;
} events[32];
static unsigned int nr_events;

void fakes_reset(void)
{
	memset(fake_ram, 0, sizeof(fake_ram));
	memset(fake_output, 0, sizeof(fake_output));
	memset(fake_levels, 0, sizeof(fake_levels));
	fake_output_size = 0;
	fake_resumes = 0;
}

void terminal_output(const void *data, size_t size)
{
	size = min(size, sizeof(fake_output) - fake_output_size);
	memcpy(fake_output + fake_output_size, data, size);
	fake_output_size += size;
	if (fake_on_output)
		fake_on_output();
}

void terminal_resume_input(void)
{
	fake_resumes++;
}

struct window_size terminal_size(void)
{
	return (struct window_size) { 80, 25 };
}

void irq_set_level(unsigned int spi, bool level)
{
	fake_levels[spi] = level;
}

int irq_eventfd(unsigned int spi)
{
	irq_fds[spi] = eventfd(0, EFD_NONBLOCK);
	return irq_fds[spi];
}

/* How often the interrupt was raised since this was last asked */
unsigned int fake_interrupts(unsigned int spi)
{
	eventfd_t count;

	return eventfd_read(irq_fds[spi], &count) ? 0 : count;
}

int ioevent_create(u64 gpa, unsigned int size, u64 value)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	events[nr_events].gpa = gpa;
	events[nr_events].value = value;
	events[nr_events].fd = fd;
	nr_events++;
	return fd;
}

void loop_watch(struct watch *watch)
{
	for (unsigned int i = 0; i < nr_events; i++) {
		if (events[i].fd == watch->fd)
			events[i].watch = watch;
	}
}

/* As the main loop does */
static void wait_for(int fd, struct watch *watch)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	while (poll(&poll_fd, 1, 0) == 1) {
		watch->ready(watch);
		fake_rounds++;
	}
}

/* The guest stores a value at an address that has an ioeventfd */
void fake_notify(u64 gpa, u64 value)
{
	for (unsigned int i = 0; i < nr_events; i++) {
		if (events[i].gpa == gpa && events[i].value == value) {
			eventfd_write(events[i].fd, 1);
			wait_for(events[i].fd, events[i].watch);
			return;
		}
	}
	expect_failed(__FILE__, __LINE__, "no ioeventfd there");
}

void *memory_shared(u64 addr, u64 size)
{
	u64 gpa = addr & ~FAKE_SHARED_BIT;

	if (gpa < RAM_BASE + SZ_4K || gpa > RAM_BASE + FAKE_RAM_SIZE ||
	    size > RAM_BASE + FAKE_RAM_SIZE - gpa)
		return NULL;
	return fake_ram + (gpa - RAM_BASE);
}
