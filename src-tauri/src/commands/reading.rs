//! Documents as the Reader shows them.

use citadel_core::CharRange;
use citadel_engine::{DocumentView, Marks};
use tauri::AppHandle;
use tauri::ipc::Response;

use super::{Answered, on_engine};

#[tauri::command]
pub(super) async fn view(app: AppHandle, document_id: String, version_id: i64) -> Answered<DocumentView> {
    on_engine(&app, move |engine| engine.view(&document_id, version_id)).await
}

#[tauri::command]
pub(super) async fn marks(app: AppHandle, version_id: i64, start: usize, end: usize) -> Answered<Marks> {
    on_engine(&app, move |engine| engine.marks(version_id, CharRange::new(start, end))).await
}

#[tauri::command]
pub(super) async fn pdf_length(app: AppHandle, document_id: String) -> Answered<u64> {
    on_engine(&app, move |engine| Ok(engine.pdf_bytes(&document_id, 0, 0)?.1)).await
}

/// Raw bytes: a page of JSON numbers would be four times as long.
#[tauri::command]
pub(super) async fn pdf_bytes(
    app: AppHandle,
    document_id: String,
    begin: u64,
    end: u64,
) -> Answered<Response> {
    on_engine(&app, move |engine| Ok(Response::new(engine.pdf_bytes(&document_id, begin, end)?.0))).await
}
