//! Questions, answers, and what becomes of them.

use citadel_core::Answer;
use citadel_engine::{AskMode, AskRequest, ListedAnswer, Problem};
use serde::Deserialize;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::DialogExt;
use ts_rs::TS;

use super::{Answered, chosen, on_engine, tell, work};
use crate::jobs::Jobs;

/// What the window asks.
#[derive(Debug, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub(crate) struct Question {
    /// In plain words.
    question: String,
    /// How to answer.
    mode: AskMode,
    /// Only these collections; all where empty.
    collections: Vec<String>,
    /// Only these documents; all where empty.
    documents: Vec<String>,
    /// The answer that it follows up on.
    after: Option<String>,
}

#[tauri::command]
pub(super) async fn ask(
    app: AppHandle,
    job: String,
    question: Question,
    events: Channel<InvokeResponseBody>,
) -> Answered<Answer> {
    let passages = work(&app, |desk| desk.settings()).await?.passages;
    let flag = app.state::<Jobs>().flag(&job);
    let request = AskRequest {
        question: question.question,
        mode: question.mode,
        collections: question.collections,
        documents: question.documents,
        after: question.after,
        passages: Some(passages),
        ..AskRequest::default()
    };
    let answer =
        on_engine(&app, move |engine| engine.ask(&request, &flag, &mut |event| tell(&events, &event))).await;
    app.state::<Jobs>().end(&job);
    answer
}

#[tauri::command]
pub(super) async fn answers(app: AppHandle) -> Answered<Vec<ListedAnswer>> {
    on_engine(&app, |engine| engine.answers()).await
}

#[tauri::command]
pub(super) async fn answer(app: AppHandle, id: String) -> Answered<Answer> {
    on_engine(&app, move |engine| engine.answer(&id)).await
}

#[tauri::command]
pub(super) async fn forget_answer(app: AppHandle, id: String) -> Answered<()> {
    on_engine(&app, move |engine| engine.forget_answer(&id)).await
}

/// Several answers are a conversation.
#[tauri::command]
pub(super) async fn export_answers(
    app: AppHandle,
    ids: Vec<String>,
    format: String,
) -> Answered<Option<String>> {
    work(&app, move |desk| {
        let content = desk.engine()?.export(&ids, &format).map_err(|e| e.problem())?;
        let dialog = desk.app().dialog().file().add_filter(format.to_uppercase(), &[format.as_str()]);
        let Some(file) = dialog.set_file_name(format!("citadel-answer.{format}")).blocking_save_file() else {
            return Ok(None);
        };
        let path = chosen(file)?;
        std::fs::write(&path, content).map_err(|error| {
            let text = format!("{}: {error}; choose a folder that may be written", path.display());
            Problem::new("export", &text)
        })?;
        Ok(Some(path.to_string_lossy().into_owned()))
    })
    .await
}
