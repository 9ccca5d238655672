//! Logs, traces and metrics.
use std::{io::IsTerminal, sync::OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Config;

/// Sends what is left when the process ends.
#[must_use = "traces are lost when this is dropped at once"]
pub struct Telemetry(Option<SdkTracerProvider>);

/// Starts logging, and tracing when a collector is configured.
///
/// # Errors
/// The collector's address cannot be used, or logging was started before.
pub fn start(config: &Config) -> anyhow::Result<Telemetry> {
    let provider =
        config.telemetry.otlp_endpoint.as_ref().map(|endpoint| provider(config, endpoint)).transpose()?;
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer().with_tracer(provider.tracer("quayside")).with_filter(filter(config))
    });
    let lines: Box<dyn Layer<Registry> + Send + Sync> = if config.log.json {
        tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr)
            .with_filter(filter(config))
            .boxed()
    } else {
        tracing_subscriber::fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .with_filter(filter(config))
            .boxed()
    };
    tracing_subscriber::registry().with(lines).with(traces).try_init()?;
    Ok(Telemetry(provider))
}

fn filter(config: &Config) -> EnvFilter {
    EnvFilter::new(&config.log.filter)
}

fn provider(config: &Config, endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    // The exporter's HTTP client asks for a provider of cryptography, even where the collector speaks plain HTTP. One
    // that is installed already will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let endpoint = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
    let resource = Resource::builder().with_service_name(config.telemetry.service_name.clone()).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Telemetry {
    /// Sends what is left.
    pub fn stop(self) {
        if let Some(Err(error)) = self.0.map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Begins to count.
pub fn start_metrics() {
    drop(metrics().render());
}

/// The process's metrics, in Prometheus's format.
#[must_use]
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // A second recorder can only come from a test in the same process; the first one keeps counting.
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("metrics are recorded elsewhere");
        }
        handle
    })
}

/// The W3C trace context of the current span, to be kept with what it causes; nothing when no trace is kept.
#[must_use]
pub fn trace_parent() -> Option<std::sync::Arc<str>> {
    use opentelemetry::trace::TraceContextExt;
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    let flags = span.trace_flags().to_u8();
    span.is_valid().then(|| format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()).into())
}
