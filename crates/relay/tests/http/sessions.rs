//! Where an agent is signed in, and signing out everywhere.

use insta::assert_json_snapshot;
use relay::config::SessionLife;
use serde_json::{Value, json};

use crate::support::{Closed, TestRelay, relay};

async fn status(relay: &TestRelay, cookie: &str) -> u16 {
    relay.get_as(cookie, "/api/session").await.status
}

#[tokio::test]
async fn an_agent_sees_their_own_sessions() {
    let relay = relay().await;
    let first = relay.cookie().await;
    let second = relay.cookie().await;
    let _ben = relay.cookie_of(1).await;
    let mut socket = relay.socket(&first, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    let mut list = relay.get_as(&second, "/api/sessions").await.json();
    for session in list["sessions"].as_array_mut().unwrap() {
        assert!(session["since"].as_u64() <= session["seen"].as_u64());
        session["id"] = json!("(id)");
        session["since"] = json!("(then)");
        session["seen"] = json!("(then)");
    }
    // Both may have begun in the same millisecond.
    list["sessions"].as_array_mut().unwrap().sort_by_key(|session| session["current"] != true);
    assert_json_snapshot!(list, @r#"
    {
      "sessions": [
        {
          "id": "(id)",
          "since": "(then)",
          "seen": "(then)",
          "address": "127.0.0.1",
          "current": true,
          "connected": false
        },
        {
          "id": "(id)",
          "since": "(then)",
          "seen": "(then)",
          "address": "127.0.0.1",
          "current": false,
          "connected": true
        }
      ]
    }
    "#);
    assert_eq!(relay.get("/api/sessions").await.status, 401);
}

#[tokio::test]
async fn one_session_can_be_ended_from_another() {
    let relay = relay().await;
    let (here, there, bens) = (relay.cookie().await, relay.cookie().await, relay.cookie_of(1).await);
    let mut socket = relay.socket(&there, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    let id = async |cookie: &str| {
        let list = relay.get_as(cookie, "/api/sessions").await.json();
        let own = list["sessions"].as_array().unwrap().iter().find(|one| one["current"] == true).cloned();
        own.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (other, ben) = (id(&there).await, id(&bens).await);
    assert_eq!(relay.delete(&here, &format!("/api/sessions/{other}")).await.status, 204);
    assert_eq!(socket.next().await, json!({ "type": "signed_out" }));
    assert_eq!(socket.end().await, Closed(1000));
    assert_eq!((status(&relay, &here).await, status(&relay, &there).await), (200, 401));
    // Nobody ends another agent's.
    let reply = relay.delete(&here, &format!("/api/sessions/{ben}")).await;
    assert_eq!(reply.problem(), "404 -: You have no such session");
    assert_eq!(status(&relay, &bens).await, 200);
    let reply = relay.delete(&here, "/api/sessions/all").await;
    assert_eq!(reply.problem(), "422 id: The field id must be a UUID.");
}

#[tokio::test]
async fn signed_out_everywhere_outlives_a_restart() {
    let relay = relay().await;
    let (here, there, bens) = (relay.cookie().await, relay.cookie().await, relay.cookie_of(1).await);
    let mut socket = relay.socket(&there, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    let reply = relay.delete(&here, "/api/sessions").await;
    assert_eq!(reply.status, 204);
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(socket.next().await, json!({ "type": "signed_out" }));
    assert_eq!((status(&relay, &here).await, status(&relay, &there).await), (401, 401));
    let alone = relay.cookie().await;
    assert_eq!(relay.post(&alone, "/api/logout", &Value::Null).await.status, 204);

    let again = TestRelay::start_in(relay.stop().await, |_| {}, SessionLife::default()).await;
    for (cookie, expected) in [(&here, 401), (&there, 401), (&alone, 401), (&bens, 200)] {
        assert_eq!(status(&again, cookie).await, expected);
    }
    assert_eq!(status(&again, &again.cookie().await).await, 200, "who signs in again is in");
}

#[tokio::test]
async fn another_site_signs_nobody_out() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let request = relay.request("DELETE", "/api/sessions").header("Cookie", &cookie);
    assert_eq!(relay.send(request.header("Origin", "https://evil.example")).await.status, 403);
    assert_eq!(status(&relay, &cookie).await, 200);
}
