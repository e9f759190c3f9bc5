//! The guest's memory allocator: hands out memory in order and gives none back, because a sandbox lives for one call
//! and then all of its memory goes at once. It starts in memory that is there from the start, so that a call of usual
//! size never has to ask the host for more. Not for programs that live long.

#![allow(unsafe_code, reason = "an allocator hands out raw memory")]

use std::{
    alloc::{GlobalAlloc, Layout},
    cell::{Cell, UnsafeCell},
    ptr,
};

/// Enough for an order of about a thousand lines.
const START: usize = 512 << 10;
const PAGE: usize = 64 << 10;

struct Start(UnsafeCell<[u8; START]>);
// SAFETY: wasm32 without threads: nobody else is there.
unsafe impl Sync for Start {}
static MEMORY: Start = Start(UnsafeCell::new([0; START]));

struct Bump {
    next: Cell<*mut u8>,
    end: Cell<*mut u8>,
}
// SAFETY: as above.
unsafe impl Sync for Bump {}

#[global_allocator]
static BUMP: Bump = Bump { next: Cell::new(MEMORY.0.get().cast()), end: Cell::new(MEMORY.0.get().wrapping_add(1).cast()) };

// SAFETY: every block lies between `next` and `end` and is handed out once. Blocks may come from another allocator
// (on wasm32-wasip2 the C library receives the host's lists): they are copied from or left alone, never reused.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let next = self.next.get();
        let start = next.wrapping_add(next.align_offset(layout.align()));
        let room = (self.end.get() as usize).wrapping_sub(start as usize);
        if start as usize <= self.end.get() as usize && layout.size() <= room {
            self.next.set(start.wrapping_add(layout.size()));
            return start;
        }
        self.grow(layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if block.wrapping_add(layout.size()) == self.next.get() {
            self.next.set(block);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let last = block.wrapping_add(layout.size()) == self.next.get();
        if last && size <= (self.end.get() as usize).wrapping_sub(block as usize) {
            self.next.set(block.wrapping_add(size));
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the size is not zero and does not overflow when aligned, as the caller promises.
        let copy = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !copy.is_null() {
            // SAFETY: both blocks are at least as long as the old one, and the new one does not overlap it.
            unsafe { ptr::copy_nonoverlapping(block, copy, layout.size()) };
        }
        copy
    }
}

impl Bump {
    /// Asks the host for pages, at least 1 MiB at a time. The C library may have grown memory too, so the new pages
    /// need not follow the old ones.
    #[cold]
    fn grow(&self, layout: Layout) -> *mut u8 {
        let Some(wanted) = layout.size().checked_add(layout.align()) else { return ptr::null_mut() };
        let pages = wanted.div_ceil(PAGE).max((1 << 20) / PAGE);
        let mut before = core::arch::wasm32::memory_grow::<0>(pages);
        let mut taken = pages;
        if before == usize::MAX {
            taken = wanted.div_ceil(PAGE);
            before = core::arch::wasm32::memory_grow::<0>(taken);
        }
        if before == usize::MAX {
            return ptr::null_mut();
        }
        let start = ptr::with_exposed_provenance_mut::<u8>(before * PAGE);
        self.end.set(start.wrapping_add(taken * PAGE));
        let block = start.wrapping_add(start.align_offset(layout.align()));
        self.next.set(block.wrapping_add(layout.size()));
        block
    }
}
