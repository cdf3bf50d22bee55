/* SPDX-License-Identifier: GPL-2.0-only */
/* Constants that assembly, linker scripts and C share, as in the kernel. */
#ifndef FIRMWARE_LINUX_CONST_H
#define FIRMWARE_LINUX_CONST_H

#ifdef __ASSEMBLER__
#define _AC(x, y)	x
#else
#define __AC(x, y)	(x##y)
#define _AC(x, y)	__AC(x, y)
#endif

#define UL(x)		(_AC(x, UL))
#define ULL(x)		(_AC(x, ULL))

#endif /* FIRMWARE_LINUX_CONST_H */
