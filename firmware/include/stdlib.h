/* SPDX-License-Identifier: GPL-2.0-only */
/* libfdt includes <stdlib.h>; what it uses of it is not built here. */
#ifndef FIRMWARE_STDLIB_H
#define FIRMWARE_STDLIB_H

#include <stddef.h>

#endif /* FIRMWARE_STDLIB_H */
