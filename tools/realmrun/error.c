// SPDX-License-Identifier: GPL-2.0-only
/*
 * Say what went wrong: which call, what its errno means, and what is most
 * likely behind it, as the same few errno values stand for very many things.
 */

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static const struct {
	const char *call;
	int err;
	const char *cause;
} causes[] = {
	{ "/dev/kvm", ENOENT,
	  "the kernel has no KVM, or was not started at EL2" },
	{ "/dev/kvm", EACCES,
	  "not allowed for this user, who may have to be in the group kvm" },
	{ "KVM_CREATE_VM", EINVAL,
	  "the kernel has no VM of this kind, or not with so many IPA bits" },
	{ "KVM_CREATE_VM", ENOMEM,
	  "too little memory" },
	{ "KVM_CREATE_GUEST_MEMFD", ENOTTY,
	  "the kernel has no guest_memfd" },
	{ "KVM_CREATE_GUEST_MEMFD", EINVAL,
	  "the kernel has no guest_memfd for this kind of VM" },
	{ "KVM_SET_USER_MEMORY_REGION2", EINVAL,
	  "a kernel that does not take guest_memfd beside shared memory" },
	{ "KVM_SET_USER_MEMORY_REGION2", EFAULT,
	  "more memory than the IPA space has room for" },
	{ "KVM_SET_MEMORY_ATTRIBUTES", EINVAL,
	  "not whole pages of the host: its pages are larger than the guest's" },
	{ "KVM_SET_MEMORY_ATTRIBUTES", ENOTTY,
	  "a kernel that does not tell private from shared memory" },
	{ "KVM_ARM_RMI_POPULATE", ENOTTY,
	  "the kernel has no CCA support" },
	{ "KVM_ARM_RMI_POPULATE", EINVAL,
	  "the RMM has no realm with these parameters, or the range is no private memory" },
	{ "KVM_ARM_RMI_POPULATE", ENOMEM,
	  "too little memory on the host for the realm and its translation tables" },
	{ "KVM_ARM_RMI_POPULATE", EEXIST,
	  "two images overlap" },
	{ "KVM_ARM_RMI_POPULATE", EIO,
	  "the RMM refuses, see dmesg" },
	{ "KVM_CREATE_VCPU", EINVAL,
	  "more vCPUs than the kernel, or the RMM, has for this VM" },
	{ "KVM_ARM_VCPU_INIT", EINVAL,
	  "the kernel lacks a feature of the vCPU for this kind of VM" },
	{ "KVM_CREATE_DEVICE", ENODEV,
	  "the host has no GICv3" },
	{ "KVM_SET_DEVICE_ATTR", ENXIO,
	  "the in-kernel device has no such attribute, or lacks hardware support" },
	{ "KVM_IOEVENTFD", ENOSPC,
	  "too many devices" },
	{ "KVM_RUN", EINVAL,
	  "the vCPUs are not as the RMM can have them, see dmesg" },
	{ "KVM_RUN", ENOMEM,
	  "too little memory on the host" },
	{ "KVM_RUN", EIO,
	  "the realm is dead: the RMM refused something, see dmesg" },
	{ "KVM_RUN", ENOSYS,
	  "an access to a device by an instruction that cannot be emulated" },
	{ "KVM_RUN", EFAULT,
	  "the host cannot get at the guest's memory" },
	{ "mmap", ENOMEM,
	  "too little memory, or a limit on it" },
};

static const char *likely_cause(const char *call, int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].err == err && !strcmp(causes[i].call, call))
			return causes[i].cause;
	}
	return NULL;
}

#define MAX_GUEST_MESSAGES	50

/* Only one thread may get to end the process */
static pthread_mutex_t dying = PTHREAD_MUTEX_INITIALIZER;

static void vmessage(const char *fmt, va_list args)
{
	char text[1024];

	/* One write, whole, in raw mode as well */
	vsnprintf(text, sizeof(text), fmt, args);
	fprintf(stderr, "realmrun: %s\r\n", text);
}

/**
 * message() - Tell the user something, on a line of its own
 * @fmt: as for printf()
 */
void message(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmessage(fmt, args);
	va_end(args);
}

/**
 * guest_message() - Tell the user what a guest has done wrong
 * @fmt: as for printf()
 *
 * A guest can repeat that at any rate: only the first MAX_GUEST_MESSAGES are shown.
 */
void guest_message(const char *fmt, ...)
{
	static unsigned int count;
	va_list args;

	if (__atomic_load_n(&count, __ATOMIC_RELAXED) >= MAX_GUEST_MESSAGES)
		return;
	va_start(args, fmt);
	vmessage(fmt, args);
	va_end(args);
	if (__atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) == MAX_GUEST_MESSAGES)
		message("no further messages about what the guest does wrong");
}

/**
 * die() - Tell the user what is wrong and exit
 * @fmt: as for printf()
 *
 * From any thread. What has to be undone in any case is undone by atexit().
 */
void die(const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&dying);
	va_start(args, fmt);
	vmessage(fmt, args);
	va_end(args);
	exit(EXIT_ERROR);
}

/**
 * die_errno() - The same, with what errno says at the end
 * @fmt: as for printf()
 */
void die_errno(const char *fmt, ...)
{
	const char *why = strerror(errno);
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	die("%s: %s", text, why);
}

/**
 * die_call() - Tell the user which call failed and why, and exit
 * @call: its name: of an ioctl, a system call or a device file
 * @err: its errno
 */
void die_call(const char *call, int err)
{
	const char *cause = likely_cause(call, err);

	die("%s: %s (%s)%s%s", call, strerrorname_np(err) ?: "?", strerror(err),
	    cause ? ": " : "", cause ?: "");
}
