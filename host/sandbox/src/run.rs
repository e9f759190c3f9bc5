//! One call of one hook: a fresh sandbox, the limits around it, and what came of it.

use crate::{
    bindings::{post_map, pre_map, pre_map_customer, pre_map_product, route_order, types as wit},
    call::{Call, Subject, lend},
    convert,
    engine::Room,
    fault,
    pace::Pace,
    settings::{Grants, Limits},
    shape::Fitting,
};
use crossdock_flow::{
    Code, Fault,
    capability::World,
    fault::PluginDetail,
    hook::{Context, Hook, HookRun, Route, Verdict, micros},
    route::Shipment,
};
use std::{sync::Arc, time::Instant};
use wasmtime::{Result as WasmResult, Store, UpdateDeadline};

/// Handles that a guest may hold at a time.
const MOST_HANDLES: usize = 1_000;
/// Lines of the log that a fault carries.
const LAST_LINES: usize = 10;

/// A plugin, linked and ready to be called.
pub(crate) struct Rule {
    pub(crate) name: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) limits: Limits,
    pub(crate) grants: Arc<Grants>,
    /// Sorted by key.
    pub(crate) settings: Arc<[(String, String)]>,
    /// What it may ask; for rehearsals there is nothing there.
    pub(crate) world: Arc<dyn World>,
    pub(crate) room: Arc<Room>,
    /// How fast it grows its memories.
    pub(crate) pace: Pace,
    pub(crate) fitting: Arc<Fitting>,
}

/// What came of a call.
pub(crate) struct Outcome {
    pub(crate) answer: Result<Route, Fault>,
    /// The subject with its edits.
    pub(crate) subject: Subject,
    pub(crate) run: HookRun,
    /// The plugin said that a setting is missing or wrong.
    pub(crate) settings_wrong: bool,
}

/// A guest's answer. A verdict is a route without shipments.
enum Answer {
    Verdict(Result<wit::Verdict, wit::HookError>),
    Route(Result<route_order::Route, wit::HookError>),
}

impl Rule {
    /// Calls a hook that the plugin answers. `lines` is the size of the order, by which fuel and host calls grow.
    pub(crate) async fn call(&self, hook: Hook, context: &Context, lines: usize, subject: Subject) -> Outcome {
        let mut run = HookRun { fuel_limit: self.limits.fuel_for(lines), ..HookRun::new(hook, self.name.clone(), self.version.clone()) };
        // Before it takes a place, so that nobody else waits with it.
        if let Some(wait) = self.pace.owed(Instant::now()) {
            tokio::time::sleep(wait).await;
        }
        let _place = match self.room.place().await {
            Ok(place) => place,
            Err(fault) => {
                let fault = fault.detail(self.detail(hook));
                run.fault = Some(fault.clone());
                return Outcome { answer: Err(fault), subject, run, settings_wrong: false };
            }
        };
        let started = Instant::now();
        let mut store = self.store(context, subject, lines, run.fuel_limit);
        let ended = tokio::time::timeout(self.limits.time, self.enter(&mut store, hook, context)).await;
        run.fuel = run.fuel_limit.saturating_sub(store.get_fuel().unwrap_or(0));
        let mut trace = Vec::new();
        let mut settings_wrong = false;
        let answer = match ended {
            Ok(Ok(answer)) => read(answer).map_err(|refused| {
                settings_wrong = refused.settings;
                refused.fault
            }),
            Ok(Err(error)) => {
                trace = fault::backtrace(&error);
                Err(fault::of_call(&error, &self.limits, lines, &store.data().meter))
            }
            Err(_) => Err(Fault::new(Code::PluginTime, "it took longer than it may").limit("time", format!("{:?}", self.limits.time), None)),
        };
        // The store goes at once, after a timeout too: an instance that was cut off is never entered again.
        let answered = Instant::now();
        let call = store.into_data();
        run.micros = micros(started.elapsed());
        run.enter = call.entered.map_or(run.micros, |entered| micros(entered - started));
        run.leave = micros(answered.elapsed());
        run.memory = call.meter.memory;
        self.pace.count(call.meter.growths, Instant::now());
        run.logs = call.log.take();
        run.calls = call.calls;
        let answer = answer.map_err(|fault| {
            let log = run.logs[run.logs.len().saturating_sub(LAST_LINES)..].iter().map(|line| format!("{}: {}", line.level, line.text)).collect();
            fault.detail(PluginDetail { panic: call.log.panic_text(), log, backtrace: trace, ..self.detail(hook) })
        });
        match &answer {
            Ok(Route::Ship(_)) => run.verdict = Some(Verdict::Proceed),
            Ok(Route::Stop(verdict)) => run.verdict = Some(verdict.clone()),
            Err(fault) => run.fault = Some(fault.clone()),
        }
        Outcome { answer, subject: call.subject, run, settings_wrong }
    }

    /// The plugin's side of a fault, as far as it is always known.
    pub(crate) fn detail(&self, hook: Hook) -> PluginDetail {
        PluginDetail::new(&self.name, &self.version, Some(hook))
    }

    fn store(&self, context: &Context, subject: Subject, lines: usize, fuel: u64) -> Store<Call> {
        let call = Call::new(self, context, subject, lines);
        let mut store = Store::new(&self.room.engine, call);
        store.limiter(|call| &mut call.meter);
        // Fuel is on in the engine, so this cannot fail; a store without fuel would stop at once.
        store.set_fuel(fuel).unwrap_or_default();
        // One tick would strike at the very next one, maybe at once.
        store.set_epoch_deadline(2);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))));
        store.set_hostcall_fuel(usize::try_from(self.limits.output).unwrap_or(usize::MAX));
        store.set_max_component_handles(MOST_HANDLES);
        store
    }

    async fn enter(&self, store: &mut Store<Call>, hook: Hook, context: &Context) -> WasmResult<Answer> {
        let instance = self.fitting.pre.instantiate_async(&mut *store).await?;
        store.data_mut().entered = Some(Instant::now());
        let context = convert::context(context);
        // Called only for hooks that it answers, so a missing index is a defect of the host.
        let missing = || wasmtime::Error::msg("the plugin does not answer this hook");
        Ok(match hook {
            Hook::PreMap => {
                let guest: pre_map::Guest = self.fitting.pre_map.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
                Answer::Verdict(guest.call_run(store, &context, lend()).await?)
            }
            Hook::RouteOrder => {
                let guest: route_order::Guest = self.fitting.route_order.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
                Answer::Route(guest.call_run(store, &context, lend(), lend()).await?)
            }
            Hook::PostMap => {
                let guest: post_map::Guest = self.fitting.post_map.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
                Answer::Verdict(guest.call_run(store, &context, lend(), lend()).await?)
            }
            Hook::PreMapCustomer => {
                let guest: pre_map_customer::Guest = self.fitting.pre_map_customer.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
                Answer::Verdict(guest.call_run(store, &context, lend()).await?)
            }
            Hook::PreMapProduct => {
                let guest: pre_map_product::Guest = self.fitting.pre_map_product.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
                Answer::Verdict(guest.call_run(store, &context, lend()).await?)
            }
        })
    }
}

/// An answer that is an error, or that cannot be carried out.
struct Refused {
    fault: Fault,
    settings: bool,
}

fn read(answer: Answer) -> Result<Route, Refused> {
    let wrong = |what: String| Refused { fault: Fault::new(Code::PluginAnswer, what), settings: false };
    let stop = |reason: &str| Route::Stop(Verdict::Reject { reason: convert::cut(reason).into() });
    match answer {
        Answer::Verdict(Err(error)) | Answer::Route(Err(error)) => {
            let (text, settings) = match &error {
                wit::HookError::Settings(text) => (text, true),
                wit::HookError::Unsupported(text) | wit::HookError::Failed(text) => (text, false),
            };
            Err(Refused { fault: Fault::new(Code::PluginFailed, convert::cut(text)), settings })
        }
        Answer::Verdict(Ok(wit::Verdict::Proceed)) => Ok(Route::Stop(Verdict::Proceed)),
        Answer::Verdict(Ok(wit::Verdict::Hold(hold))) | Answer::Route(Ok(route_order::Route::Hold(hold))) => {
            convert::read_hold(hold).map(Route::Stop).map_err(wrong)
        }
        Answer::Verdict(Ok(wit::Verdict::Reject(reason))) | Answer::Route(Ok(route_order::Route::Reject(reason))) => Ok(stop(&reason)),
        Answer::Route(Ok(route_order::Route::Ship(shipments))) => {
            shipments.into_iter().map(shipment).collect::<Result<_, _>>().map(Route::Ship).map_err(wrong)
        }
    }
}

fn shipment(shipment: route_order::Shipment) -> Result<Shipment, String> {
    let line = |line: route_order::ShipmentLine| {
        let quantity = convert::read_decimal(line.quantity).map_err(|why| format!("line {} ships a quantity out of range: {why}", line.line))?;
        let fitting =
            crossdock_flow::money::fit(quantity).ok_or_else(|| format!("line {} ships {quantity}: at most 4 decimals and below 10^11", line.line))?;
        Ok((line.line, fitting))
    };
    let lines = shipment.lines.into_iter().map(line).collect::<Result<_, String>>()?;
    Ok(Shipment { warehouse: shipment.warehouse, lines, backorder: false })
}
