/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_VM_H
#define REALMRUN_VM_H

#include <linux/kvm.h>

#include "options.h"
#include "types.h"

/**
 * struct vm - the VM, once vm_init() is done
 * @fd:		Its file descriptor.
 * @ipa_bits:	Size of its IPA space.
 * @realm:	It is a realm.
 */
struct vm {
	int fd;
	unsigned int ipa_bits;
	bool realm;
};

extern struct vm vm;

void vm_init(const struct options *opts);
int vm_has_cap(unsigned int cap);
unsigned int kvm_vcpu_mmap_size(void);

/* An ioctl that must not fail. The name is that of the request. */
#define xioctl(fd, request, arg)	__xioctl(fd, request, #request, arg)

int __xioctl(int fd, unsigned long request, const char *name, void *arg);

#endif /* REALMRUN_VM_H */
