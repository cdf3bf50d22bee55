/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linker script of every image: one region from IMAGE_BASE, at most IMAGE_SIZE bytes.
 * .text.start comes first; text, read-only and writable data start on pages of their own.
 * Of the symbols, those with _start are inclusive and those with _end exclusive.
 */
OUTPUT_ARCH(aarch64)
ENTRY(_start)

SECTIONS
{
	. = IMAGE_BASE;
	__image_start = .;

	.text : {
		*(.text.start)
		*(.text .text.*)
	}
	. = ALIGN(0x1000);
	__text_end = .;

	.rodata : {
		*(.rodata .rodata.*)
	}
	. = ALIGN(0x1000);
	__rodata_end = .;

	.data : {
		*(.data .data.*)
		. = ALIGN(16);
	}
	__load_end = .;

	.bss (NOLOAD) : ALIGN(0x1000) {
		__bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(0x1000);
		__bss_end = .;
	}
	__image_end = .;

	/* For the image header, as absolute symbols. */
	__load_size = ABSOLUTE(__load_end - __image_start);
	__mem_size = ABSOLUTE(__image_end - __image_start);

	/DISCARD/ : {
		*(.comment .note .note.* .eh_frame .ARM.attributes)
	}

	ASSERT(. - IMAGE_BASE <= IMAGE_SIZE, "the image does not fit its region")
	ASSERT(__load_end >= __rodata_end, "data lies before code")
}
