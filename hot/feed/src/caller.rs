//! Reading in the owner's own thread: one file is readable when the socket is, when a pause is over, or when the thread
//! that opens the connection has something to say. Saves one wake-up of a thread for every frame.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Mutex;
use std::time::Duration;

use rustix::event::epoll;
use rustix::time::{
    timerfd_create, timerfd_settime, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec,
};

use crate::run::Pace;
use crate::shared::{held, Shared};
use crate::signal::Signal;
use crate::wire::{End, Wire};

/// Most bursts read at one look, so that a flood leaves the owner time.
const BURSTS: usize = 32;

/// An open connection that waits to be looked at.
#[derive(Debug)]
pub(crate) struct Caller {
    any: OwnedFd,
    timer: OwnedFd,
    parked: Mutex<Option<Parked>>,
}

#[derive(Debug)]
struct Parked {
    wire: Wire,
    pace: Pace,
    /// The timer runs or went off.
    timed: bool,
}

impl Caller {
    pub fn new(wake: &Signal) -> io::Result<Self> {
        let any = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        watch(&any, wake.as_fd())?;
        watch(&any, timer.as_fd())?;
        Ok(Self { any, timer, parked: Mutex::new(None) })
    }

    /// Leave an open connection here.
    pub fn park(&self, wire: Wire, pace: Pace) -> io::Result<()> {
        watch(&self.any, wire.stream().as_fd())?;
        *held(&self.parked) = Some(Parked { wire, pace, timed: false });
        Ok(())
    }

    /// Read what is there and tell of what is due.
    pub fn look(&self, shared: &Shared) {
        let mut parked = held(&self.parked);
        let Some(held) = parked.as_mut() else { return };
        let looked = catch_unwind(AssertUnwindSafe(|| self.read(held, shared))).unwrap_or(Err(End::Panic));
        if let Err(end) = looked {
            *parked = None;
            shared.end(end);
        }
    }

    /// Hang up.
    pub fn drop_wire(&self) {
        *held(&self.parked) = None;
    }

    fn read(&self, parked: &mut Parked, shared: &Shared) -> Result<(), End> {
        let Parked { wire, pace, timed } = parked;
        let mut more = true;
        for _ in 0..BURSTS {
            more = pace.read(wire, shared)?;
            if !more {
                break;
            }
        }
        if more {
            // What was read ahead is not seen by the file.
            shared.wake.raise();
        }
        if pace.is_due() {
            shared.found();
        }
        self.set_timer(timed, pace.left())
    }

    fn set_timer(&self, timed: &mut bool, left: Option<Duration>) -> Result<(), End> {
        if std::mem::take(timed) {
            // Not readable any more if it went off; it is set again while it is needed.
            let _ = rustix::io::read(&self.timer, &mut [0u8; 8]);
        }
        let Some(left) = left else { return Ok(()) };
        let left = left.max(Duration::from_nanos(1));
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let once = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let due = Itimerspec { it_interval: zero, it_value: once };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &due).map_err(|_| End::Gone)?;
        *timed = true;
        Ok(())
    }
}

impl AsFd for Caller {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.any.as_fd()
    }
}

fn watch(any: &OwnedFd, file: BorrowedFd<'_>) -> io::Result<()> {
    Ok(epoll::add(any, file, epoll::EventData::new_u64(0), epoll::EventFlags::IN)?)
}
