// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM, and small things to have KVM do.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "error.h"
#include "ioevent.h"
#include "irq.h"
#include "vm.h"
#include "map.h"

/* The number of a capability moves until it is merged; the kernel tells it. */
#define CAP_PARAMETER	"/sys/module/kvm/parameters/kvm_cap_arm_rmi"

/* Enough for all devices, whatever the size of the RAM. A realm has two halves. */
#define MIN_IPA_BITS	32

struct vm vm = { .fd = -1 };
static int kvm_fd = -1;

/**
 * __xioctl() - Make an ioctl that must not fail
 * @fd: of KVM, the VM, a vCPU or a device
 * @request: the ioctl
 * @name: its name
 * @arg: its argument
 *
 * Return: what the ioctl returns; 0 or more.
 */
int __xioctl(int fd, unsigned long request, const char *name, void *arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		die_call(name, errno);
	return ret;
}

/**
 * vm_has_cap() - Ask for a capability of the VM
 * @cap: KVM_CAP_*
 *
 * Return: its value, 0 if there is no such capability.
 */
int vm_has_cap(unsigned int cap)
{
	int ret = ioctl(vm.fd < 0 ? kvm_fd : vm.fd, KVM_CHECK_EXTENSION, cap);

	return max(ret, 0);
}

/**
 * kvm_vcpu_mmap_size() - Find out how much of a vCPU is to be mapped
 *
 * Return: the size in bytes.
 */
unsigned int kvm_vcpu_mmap_size(void)
{
	return xioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, NULL);
}

static void open_kvm(void)
{
	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		die_call("/dev/kvm", errno);
	if (xioctl(kvm_fd, KVM_GET_API_VERSION, NULL) != KVM_API_VERSION)
		die("/dev/kvm has another interface than version %d", KVM_API_VERSION);
}

/* Say which part of all that a realm needs is missing. */
static void require_realms(void)
{
	FILE *file = fopen(CAP_PARAMETER, "r");
	unsigned int cap;
	int n;

	if (!file)
		die("no realms: the kernel has no support for Arm CCA (%s is missing)",
		    CAP_PARAMETER);
	n = fscanf(file, "%u", &cap);
	fclose(file);
	if (n != 1)
		die("%s is no number", CAP_PARAMETER);
	if (!vm_has_cap(cap))
		die("no realms: no RMM that the kernel can use, or no VHE; see dmesg");
}

static unsigned int choose_ipa_bits(const struct options *opts)
{
	unsigned int limit = vm_has_cap(KVM_CAP_ARM_VM_IPA_SIZE);
	unsigned int bits = MIN_IPA_BITS;

	while (BIT_ULL(bits) < RAM_BASE + opts->mem)
		bits++;
	if (opts->realm)
		bits++;
	if (bits > limit)
		die("%lluM of memory need an IPA space of %u bits, the host has %u",
		    opts->mem / SZ_1M, bits, limit);
	return bits;
}

/**
 * vm_init() - Create the VM
 * @opts: which kind of
 */
void vm_init(const struct options *opts)
{
	unsigned long type;

	open_kvm();
	if (opts->realm)
		require_realms();

	vm.realm = opts->realm;
	vm.ipa_bits = choose_ipa_bits(opts);
	type = KVM_VM_TYPE_ARM_IPA_SIZE(vm.ipa_bits);
	if (opts->realm)
		type |= KVM_VM_TYPE_ARM_REALM;
	vm.fd = xioctl(kvm_fd, KVM_CREATE_VM, (void *)type);
}

/**
 * irq_set_level() - Set the level of an interrupt line
 * @spi: which
 * @level: whether it is asserted
 */
void irq_set_level(unsigned int spi, bool level)
{
	struct kvm_irq_level line = {
		.irq	= KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (spi + 32),
		.level	= level,
	};

	xioctl(vm.fd, KVM_IRQ_LINE, &line);
}

/**
 * irq_eventfd() - Have an eventfd raise an edge-triggered interrupt
 * @spi: which
 *
 * The GIC has to be initialised.
 *
 * Return: the eventfd.
 */
int irq_eventfd(unsigned int spi)
{
	struct kvm_irqfd irqfd = { .gsi = spi };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		die_errno("eventfd");
	irqfd.fd = fd;
	xioctl(vm.fd, KVM_IRQFD, &irqfd);
	return fd;
}

/**
 * ioevent_create() - Have an eventfd signalled by a store of the guest
 * @gpa: where to
 * @size: size of the store in bytes
 * @value: the value stored
 *
 * Such a store does not show up in KVM_RUN any more.
 *
 * Return: the eventfd.
 */
int ioevent_create(u64 gpa, unsigned int size, u64 value)
{
	struct kvm_ioeventfd ioevent = {
		.datamatch	= value,
		.addr		= gpa,
		.len		= size,
		.flags		= KVM_IOEVENTFD_FLAG_DATAMATCH,
	};
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		die_errno("eventfd");
	ioevent.fd = fd;
	xioctl(vm.fd, KVM_IOEVENTFD, &ioevent);
	return fd;
}
