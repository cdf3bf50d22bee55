/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_KVM_H
#define REALMRUN_KVM_H

#include <linux/kvm.h>

#include "options.h"
#include "types.h"

/**
 * struct vm - the VM, once kvm_init() is done
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

void kvm_init(const struct options *opts);
int kvm_has_cap(unsigned int cap);
unsigned int kvm_vcpu_mmap_size(void);

/* An ioctl that must not fail. The name is that of the request. */
#define xioctl(fd, request, arg)	__xioctl(fd, request, #request, arg)

int __xioctl(int fd, unsigned long request, const char *name, void *arg);

#endif /* REALMRUN_KVM_H */
