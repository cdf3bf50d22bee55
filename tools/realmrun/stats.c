// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happened: as counted here, and as KVM counted what it dealt with itself.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"
#include "error.h"
#include "vm.h"
#include "memory.h"
#include "stats.h"
#include "vcpu.h"

/* Those of KVM's counters of a vCPU that say something about devices */
static const char *const kvm_counters[] = {
	"exits", "mmio_exit_user", "mmio_exit_kernel", "hvc_exit_stat",
	"wfi_exit_stat", "wfe_exit_stat", "signal_exits",
};

/* and those of a realm VM: the blocks of 2 MB that its memory is mapped by, at the end */
static const char *const kvm_vm_counters[] = {
	"realm_private_blocks", "realm_shared_blocks",
};

static void print_exits(unsigned int cpus)
{
	for (int kind = 0; kind < NR_EXIT_KINDS; kind++) {
		u64 total = 0;

		for (unsigned int cpu = 0; cpu < cpus; cpu++)
			total += vcpu_exits(cpu, kind);
		message("exits: %-20s %10llu", exit_kind_names[kind], total);
	}
}

static void print_devices(void)
{
	const struct device *dev;

	for (unsigned int n = 0; (dev = device_nth(n)); n++)
		message("mmio:  %-20s %10llu reads %10llu writes", dev->name, dev->reads,
			dev->writes);
}

static void print_memory(void)
{
	struct memory_stats stats;

	memory_get_stats(&stats);
	message("memory: %llu requests to convert", stats.requests);
	message("memory: made private %llu times, %lluK", stats.to_private,
		stats.private_bytes / 1024);
	message("memory: made shared %llu times, %lluK", stats.to_shared,
		stats.shared_bytes / 1024);
}

/* The value of one counter, its name being that of a descriptor in @descs */
static bool read_counter(int fd, const struct kvm_stats_header *header,
			 const char *descs, const char *name, u64 *value)
{
	size_t step = sizeof(struct kvm_stats_desc) + header->name_size;

	for (u32 i = 0; i < header->num_desc; i++) {
		const struct kvm_stats_desc *desc = (const void *)(descs + i * step);

		if (!strncmp(desc->name, name, header->name_size))
			return pread(fd, value, sizeof(*value),
				     header->data_offset + desc->offset) == sizeof(*value);
	}
	return false;
}

static void add_counters(int fd, const char * const *names, size_t nr, u64 *sums)
{
	struct kvm_stats_header header;
	size_t size;
	char *descs;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header))
		return;
	size = header.num_desc * (sizeof(struct kvm_stats_desc) + header.name_size);
	descs = malloc(size);
	if (descs && pread(fd, descs, size, header.desc_offset) == (ssize_t)size) {
		for (size_t i = 0; i < nr; i++) {
			u64 value;

			if (read_counter(fd, &header, descs, names[i], &value))
				sums[i] += value;
		}
	}
	free(descs);
}

/* What KVM counts for @owner, a VM or a vCPU. Returns false if it does not. */
static bool add_stats_of(int owner, const char * const *names, size_t nr, u64 *sums)
{
	int fd = ioctl(owner, KVM_GET_STATS_FD, NULL);

	if (fd < 0)
		return false;
	add_counters(fd, names, nr, sums);
	close(fd);
	return true;
}

static void print_kvm(unsigned int cpus)
{
	u64 sums[ARRAY_SIZE(kvm_counters)] = { }, vm_sums[ARRAY_SIZE(kvm_vm_counters)] = { };

	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		if (!add_stats_of(vcpu_fd(cpu), kvm_counters, ARRAY_SIZE(kvm_counters), sums))
			return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kvm_counters); i++)
		message("kvm:   %-20s %10llu", kvm_counters[i], sums[i]);

	if (!vm.realm ||
	    !add_stats_of(vm.fd, kvm_vm_counters, ARRAY_SIZE(kvm_vm_counters), vm_sums))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(kvm_vm_counters); i++)
		message("kvm:   %-20s %10llu", kvm_vm_counters[i], vm_sums[i]);
}

/**
 * stats_print() - Print all there is to be known
 * @cpus: number of vCPUs, which are stopped
 */
void stats_print(unsigned int cpus)
{
	print_exits(cpus);
	print_devices();
	print_memory();
	print_kvm(cpus);
}
