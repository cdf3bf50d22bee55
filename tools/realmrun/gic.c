// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GICv3 in the kernel, with an ITS if the kernel has one.
 */

#include <errno.h>
#include <sys/ioctl.h>

#include "error.h"
#include "gic.h"
#include "vm.h"
#include "map.h"

/* KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION: where in its value the number of CPUs is */
#define REGION_COUNT_SHIFT	52

static bool has_its;

static void set_attr(int fd, u32 group, u64 attr, u64 value)
{
	struct kvm_device_attr arg = {
		.group	= group,
		.attr	= attr,
		.addr	= (uintptr_t)&value,
	};

	xioctl(fd, KVM_SET_DEVICE_ATTR, &arg);
}

static void set_nr_irqs(int fd, u32 nr)
{
	struct kvm_device_attr arg = {
		.group	= KVM_DEV_ARM_VGIC_GRP_NR_IRQS,
		.addr	= (uintptr_t)&nr,
	};

	xioctl(fd, KVM_SET_DEVICE_ATTR, &arg);
}

static void create_its(void)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_ITS };

	if (ioctl(vm.fd, KVM_CREATE_DEVICE, &device)) {
		if (errno != ENODEV)
			die_call("KVM_CREATE_DEVICE", errno);
		return;
	}
	set_attr(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE, ITS_BASE);
	set_attr(device.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	has_its = true;
}

/**
 * gic_init() - Create the GIC
 * @cpus: number of vCPUs, which exist already
 */
void gic_init(unsigned int cpus)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };

	xioctl(vm.fd, KVM_CREATE_DEVICE, &device);
	set_attr(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST,
		 GICD_BASE);
	set_attr(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
		 (u64)cpus << REGION_COUNT_SHIFT | GICR_BASE);
	set_nr_irqs(device.fd, NR_SPIS + 32);
	set_attr(device.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	create_its();
}

/**
 * gic_has_its() - Tell whether there is an ITS
 *
 * Return: true if so.
 */
bool gic_has_its(void)
{
	return has_its;
}
